using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace SmartCity.Silo.Tests;

/// <summary>The dashboard in a headless Chromium, as a city operator sees it.</summary>
public sealed class BrowserTests(BrowserTests.Browser browser) : IClassFixture<BrowserTests.Browser>, IAsyncLifetime
{
    private readonly List<string> _problems = [];
    private SiloProcess _silo = null!;
    private IPage _page = null!;

    /// <summary>Screenshots are kept where this variable says; nowhere without it.</summary>
    private static string? ScreenshotFolder => Environment.GetEnvironmentVariable("SMARTCITY_SCREENSHOTS");

    public async ValueTask InitializeAsync()
    {
        _silo = await SiloProcess.StartAsync();
        _page = await browser.OpenAsync(_silo);
        _page.PageError += (_, error) => _problems.Add(error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null) await _page.Context.CloseAsync();
        if (_silo is not null) await _silo.DisposeAsync();
    }

    [Fact]
    public async Task A_new_value_appears_on_the_device_page_without_reload_within_two_seconds()
    {
        await PublishAsync("test-1", 35.2);
        await _silo.WaitForValueAsync("test-1", "pm25", 35.2);
        await _page.GotoAsync("/devices/test-1");
        await ExpectValueAsync("35.2", 15_000);
        await ExpectConnectionAsync("live");
        await _page.EvaluateAsync("() => { window.notReloaded = true; }");

        foreach (var value in (double[])[48.7, 12.3])
        {
            await PublishAsync("test-1", value);
            await ExpectValueAsync(value.ToString(CultureInfo.InvariantCulture), 2000);
        }

        Assert.True(await _page.EvaluateAsync<bool>("() => window.notReloaded === true"), "The page was loaded again.");
        await Assertions.Expect(_page.GetByTestId("chart").Locator("canvas").First).ToBeVisibleAsync();
        await Assertions.Expect(_page.GetByTestId("device-status")).ToHaveAttributeAsync("data-status", "online");
        await ScreenshotAsync("device");
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task The_first_page_shows_the_nation_and_three_regions_live_in_two_languages()
    {
        await PublishAsync("overview-1", 20);
        await _page.GotoAsync("/");
        await ExpectConnectionAsync("live");
        foreach (var area in (string[])["vn", "bac", "trung", "nam"]) await Assertions.Expect(_page.GetByTestId("area-" + area)).ToBeVisibleAsync();
        await Assertions.Expect(_page.GetByTestId("online-nam")).ToHaveTextAsync("1");
        await Assertions.Expect(_page.GetByTestId("online-vn")).ToHaveTextAsync("1");
        await Assertions.Expect(_page.GetByTestId("online-bac")).ToHaveTextAsync("0");
        await Assertions.Expect(_page.GetByTestId("ledger-balance")).ToHaveAttributeAsync("data-state", "good");
        await Assertions.Expect(_page.GetByTestId("map").Locator("canvas").First).ToBeVisibleAsync();

        await Assertions.Expect(_page.Locator("html")).ToHaveAttributeAsync("lang", "vi"); // the browser's
        await _page.GetByTestId("language-en").ClickAsync();
        await Assertions.Expect(_page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await _page.ReloadAsync();
        await Assertions.Expect(_page.Locator("html")).ToHaveAttributeAsync("lang", "en"); // remembered
        await ExpectConnectionAsync("live");
        await Assertions.Expect(_page.GetByTestId("online-nam")).ToHaveTextAsync("1");
        await ScreenshotAsync("overview");
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task A_killed_host_is_said_and_the_page_goes_on_by_itself_when_it_is_back()
    {
        await PublishAsync("back-1", 10);
        await _silo.WaitForValueAsync("back-1", "pm25", 10);
        await _page.GotoAsync("/devices/back-1");
        await ExpectConnectionAsync("live");
        await ExpectValueAsync("10", 15_000);

        await _silo.KillAsync();
        await ExpectConnectionAsync("reconnecting");
        await ScreenshotAsync("reconnecting");
        await _silo.StartAgainAsync();
        await ExpectConnectionAsync("live");
        await PublishAsync("back-1", 77.5);
        await ExpectValueAsync("77.5", 2000);
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task Coverage_and_cells_are_shown_to_telecom_engineers()
    {
        using (var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "engineer"))
        {
            // Of a window that has ended, so that it is stored with the next tick.
            await mqtt.PublishAsync("city/nam/sg/mdt/car-1", $$"""{"ts":{{Api.NowMs - 180_000}},"lat":10.7769,"lon":106.7009,"ncgi":"452-01-0A1B2C3D4","rsrp":-88}""");
            await mqtt.PublishAsync("city/nam/sg/cell/452-01-0A1B2C3D4", """{"RRU.PrbTotDl":61.5,"RRC.ConnMean":40}""", 2);
        }

        await _silo.WaitForAsync("/api/v1/coverage/tiles/0/0/0?plmn=452-01", t => t.GetProperty("features").GetArrayLength() == 1, "the square");
        await _silo.WaitForAsync("/api/v1/cells", c => c.Items().Count == 1, "the cell");
        await _page.GotoAsync("/coverage?plmn=452-01");
        await ExpectConnectionAsync("live");
        await Assertions.Expect(_page.GetByTestId("coverage-legend")).ToBeVisibleAsync();
        await _page.GetByTestId("coverage-operator").SelectOptionAsync("452-05");
        await Assertions.Expect(_page.GetByTestId("coverage-count")).ToHaveTextAsync(new Regex(": 0$"));
        await _page.GetByTestId("coverage-operator").SelectOptionAsync("452-01");
        await Assertions.Expect(_page.GetByTestId("coverage-count")).ToHaveTextAsync(new Regex(": 1$"), new() { Timeout = 15_000 });
        await _page.GetByTestId("next-tile").ClickAsync();
        await Assertions.Expect(_page.GetByTestId("coverage-samples")).ToHaveTextAsync("1");
        await Assertions.Expect(_page.GetByTestId("coverage-median")).ToHaveTextAsync("-87,5 dBm"); // the middle of the 3GPP report step of −88
        await Assertions.Expect(_page.GetByText("452-01-0A1B2C3D4").First).ToBeVisibleAsync();
        await ScreenshotAsync("coverage");
        Assert.Empty(_problems);
    }

    private Task PublishAsync(string device, double pm25) => Peer.PublishAsync(
        Peer.Mosquitto, "127.0.0.1", _silo.MqttPort, "5", "city/nam/sg/air/" + device,
        (1, string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{Api.NowMs}},"pm25":{{pm25}}}""")));

    private Task ExpectValueAsync(string value, float timeoutMs) =>
        Assertions.Expect(_page.GetByTestId("latest-pm25")).ToHaveAttributeAsync("data-value", value, new() { Timeout = timeoutMs });

    private Task ExpectConnectionAsync(string state) =>
        Assertions.Expect(_page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", state, new() { Timeout = 20_000 });

    private async Task ScreenshotAsync(string name)
    {
        if (ScreenshotFolder is { } folder) await _page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
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

        /// <summary>A page with nothing remembered, of somebody who reads Vietnamese.</summary>
        public async Task<IPage> OpenAsync(SiloProcess silo)
        {
            var context = await _chromium!.NewContextAsync(new()
            {
                BaseURL = $"http://127.0.0.1:{silo.HttpPort}",
                Locale = "vi-VN",
                ViewportSize = new() { Width = 1280, Height = 900 },
            });
            return await context.NewPageAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (_chromium is not null) await _chromium.CloseAsync();
            _playwright?.Dispose();
        }
    }
}
