using Microsoft.Playwright;

namespace SmartCity.Silo.Tests;

/// <summary>The dashboard in headless Chromium, as people see it.</summary>
public sealed class BrowserTests(BrowserTests.Browser browser) : IClassFixture<BrowserTests.Browser>
{
    private static string Topic(string device) => "city/nam/sg/air/" + device;

    private static string Payload(double value) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"ts":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}},"pm25":{{value}},"lat":10.78,"lon":106.7}""");

    [Fact]
    public async Task A_new_value_appears_on_the_device_page_without_reload()
    {
        await using var silo = await SiloProcess.StartAsync();
        var device = "browser-" + Guid.NewGuid().ToString("N")[..8];
        await Peer.PublishAsync(Peer.Mosquitto, "127.0.0.1", silo.MqttPort, "3.1.1", Topic(device), (1, Payload(35.2)));
        await silo.WaitForValueAsync(device, "pm25", 35.2);

        var page = await browser.OpenAsync(silo, "/devices/" + device);
        await page.EvaluateAsync("() => { window.marker = 'same page'; }");
        await Assertions.Expect(page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", "live");
        await Assertions.Expect(page.GetByTestId("latest-pm25")).ToHaveTextAsync("35.2");

        await Peer.PublishAsync(Peer.Mosquitto, "127.0.0.1", silo.MqttPort, "3.1.1", Topic(device), (1, Payload(41.7)));
        await Assertions.Expect(page.GetByTestId("latest-pm25")).ToHaveTextAsync("41.7", new() { Timeout = 2000 });
        Assert.Equal("same page", await page.EvaluateAsync<string>("() => window.marker"));
        await Assertions.Expect(page.GetByTestId("chart").Locator("canvas").First).ToBeVisibleAsync();
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_first_page_shows_three_regions_and_survives_a_killed_host()
    {
        await using var silo = await SiloProcess.StartAsync();
        await Peer.PublishAsync(Peer.Mosquitto, "::1", silo.MqttPort, "5", Topic("first"), (1, Payload(12.5)));
        var page = await browser.OpenAsync(silo, "/");
        foreach (var region in (string[])["vn", "bac", "trung", "nam"]) await Assertions.Expect(page.GetByTestId("area-" + region)).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("online-nam")).ToHaveTextAsync("1");
        await Assertions.Expect(page.GetByTestId("online-bac")).ToHaveTextAsync("0");
        await Assertions.Expect(page.GetByTestId("map").Locator("canvas").First).ToBeVisibleAsync();

        await silo.KillAsync();
        await Assertions.Expect(page.GetByTestId("connection-state")).Not.ToHaveAttributeAsync("data-state", "live", new() { Timeout = 10_000 });
        await silo.StartAgainAsync();
        await Assertions.Expect(page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", "live", new() { Timeout = 30_000 });
        await Peer.PublishAsync(Peer.Mosquitto, "127.0.0.1", silo.MqttPort, "5", Topic("second"), (1, Payload(13.5)));
        await Assertions.Expect(page.GetByTestId("online-nam")).ToHaveTextAsync("2", new() { Timeout = 10_000 });
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_language_is_remembered()
    {
        await using var silo = await SiloProcess.StartAsync();
        var page = await browser.OpenAsync(silo, "/");
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await page.GetByTestId("language-vi").ClickAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "vi");
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "vi");
        await page.CloseAsync();
    }

    /// <summary>Debian's Chromium, driven by Playwright.</summary>
    public sealed class Browser : IAsyncLifetime
    {
        private IPlaywright? _playwright;
        private IBrowser? _chromium;

        public async ValueTask InitializeAsync()
        {
            _playwright = await Playwright.CreateAsync();
            _chromium = await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = "/usr/bin/chromium",
                Args =
                [
                    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
                ],
            });
        }

        public async Task<IPage> OpenAsync(SiloProcess silo, string path)
        {
            var context = await _chromium!.NewContextAsync(new() { BaseURL = $"http://127.0.0.1:{silo.HttpPort}", Locale = "en-US", ViewportSize = new() { Width = 1600, Height = 1000 } });
            var page = await context.NewPageAsync();
            await page.GotoAsync(path);
            return page;
        }

        public async ValueTask DisposeAsync()
        {
            if (_chromium is not null) await _chromium.CloseAsync();
            _playwright?.Dispose();
        }
    }
}
