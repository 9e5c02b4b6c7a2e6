using System.Globalization;
using System.Text.Json;
using SmartCity.Mqtt.Tests;

namespace SmartCity.Silo.Tests;

/// <summary>The host as a client of a real mosquitto: nothing that mosquitto acknowledged to a publisher is lost, whoever is killed, and it counts once.</summary>
public sealed class BridgeTests
{
    private const int Devices = 4;
    private static readonly string[] s_windows = ["--Window:Seconds=1", "--Window:GraceSeconds=0", "--Window:SpreadSeconds=0"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);
    private readonly long _startMs = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000 * 1000) - 3_000_000;

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task Nothing_is_lost_or_counted_twice_when_the_broker_is_restarted_and_the_host_killed_in_mid_stream(string version)
    {
        const int Count = 6000;
        await using var mosquitto = await MosquittoProcess.StartPersistentAsync();
        await using var silo = await SiloProcess.StartAsync([.. s_windows, .. Bridge(mosquitto), $"--Broker:Version={version}"]);
        await WhenReadingAsync(silo);

        // Ended with SIGTERM: mosquitto writes its sessions only then. Killed, it would lose by its own fault what it had acknowledged.
        var publisher = new ResendingPublisher(mosquitto.Port, Messages(Count));
        Assert.False(await publisher.RunAsync("devices-1", Count / 4, mosquitto.StopAsync), "mosquitto was stopped too late to be in mid-stream.");
        await mosquitto.StartAgainAsync();
        await WhenReadingAsync(silo, times: 2);

        // The host goes without a word; its session waits at mosquitto, and the publisher does not notice.
        Assert.True(await publisher.RunAsync("devices-2", Count / 2, silo.KillAsync));
        await silo.StartAgainAsync();
        await AssertExactlyOnceAsync(silo, Count);
    }

    [Fact]
    public async Task A_broker_that_is_killed_with_its_sessions_gets_the_subscription_again_and_what_publishers_resend_counts_once()
    {
        const int Count = 4000;
        await using var mosquitto = await MosquittoProcess.StartAsync("allow_anonymous true", "max_queued_messages 0");
        await using var silo = await SiloProcess.StartAsync([.. s_windows, .. Bridge(mosquitto)]);
        await WhenReadingAsync(silo);
        var first = new ResendingPublisher(mosquitto.Port, Messages(Count));
        Assert.False(await first.RunAsync("devices-1", Count / 2, mosquitto.KillAsync), "mosquitto was killed too late to be in mid-stream.");
        await mosquitto.StartAgainAsync();
        await WhenReadingAsync(silo, times: 2);

        // mosquitto acknowledges what it has in memory only, so after kill -9 a publisher has to send everything again that it is not sure of.
        Assert.True(await new ResendingPublisher(mosquitto.Port, Messages(Count)).RunAsync("devices-2"));
        await AssertExactlyOnceAsync(silo, Count);
        var metrics = await silo.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("smartcity_bridge_reconnects_total 1", Plain(metrics), StringComparison.Ordinal);
        Assert.Contains("smartcity_bridge_connected 1", Plain(metrics), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_gateways_of_one_group_share_the_messages_of_the_broker()
    {
        const int Count = 2000;
        await using var mosquitto = await MosquittoProcess.StartPersistentAsync();
        await using var first = await SiloProcess.StartAsync([.. s_windows, .. Bridge(mosquitto), "--Broker:SharedGroup=gateways"]);
        await using var second = await SiloProcess.StartAsync([.. s_windows, .. Bridge(mosquitto), "--Broker:SharedGroup=gateways"]);
        await WhenReadingAsync(first);
        await WhenReadingAsync(second);
        Assert.True(await new ResendingPublisher(mosquitto.Port, Messages(Count)).RunAsync("devices"));
        long one = 0;
        await first.WaitForAsync("/api/v1/ledger", l => (one = l.GetProperty("accepted").GetInt64()) > 0, "readings at the first gateway");
        await second.WaitForAsync("/api/v1/ledger", _ => true, "the ledger of the second gateway");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        long two;
        var started = TimeProvider.System.GetTimestamp();
        do
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < s_patience, "The two gateways did not get all messages in time.");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            (one, two) = (await AcceptedAsync(first), await AcceptedAsync(second));
        }
        while (one + two < Count);
        Assert.Equal(Count, one + two);
        Assert.True(one > 0 && two > 0, $"One gateway got {one}, the other {two}.");
    }

    [Fact]
    public async Task It_starts_while_the_broker_is_away_says_so_once_and_reads_over_TLS_when_it_comes()
    {
        using var certificates = new TestCertificates();
        var (certificate, key) = certificates.Sign("broker.example");
        await using var mosquitto = await MosquittoProcess.StartAsync("allow_anonymous true", $"cafile {certificates.AuthorityFile}", $"certfile {certificate}", $"keyfile {key}");
        await mosquitto.KillAsync();
        await using var silo = await SiloProcess.StartAsync(
            [.. s_windows, $"--Broker:Url=mqtts://127.0.0.1:{mosquitto.Port}", $"--Broker:CaFile={certificates.AuthorityFile}", "--Broker:MaxReconnectDelay=00:00:00.500"]);
        await WhenSaidAsync(silo, "connection refused");
        await mosquitto.StartAgainAsync();
        await WhenReadingAsync(silo);
        Assert.Single(silo.Child.Output, l => l.Contains("connection refused", StringComparison.Ordinal));
        await ChildProcess.RunAsync(
            "mosquitto_pub", "-h", "127.0.0.1", "-p", $"{mosquitto.Port}", "--cafile", certificates.AuthorityFile, "-q", "1", "-t", "city/nam/bd/air/tls-1", "-m", $$"""{"ts":{{_startMs}},"pm25":4.5}""");
        await silo.WaitForValueAsync("tls-1", "pm25", 4.5);
    }

    [Fact]
    public async Task Wrong_credentials_are_named_and_the_password_is_in_no_log()
    {
        await using var mosquitto = await MosquittoProcess.StartAsync("allow_anonymous false");
        await using var silo = await SiloProcess.StartAsync($"--Broker:Url=mqtt://gateway:hunter2@127.0.0.1:{mosquitto.Port}", "--Logging:LogLevel:Default=Debug");
        await WhenSaidAsync(silo, "Check Broker:UserName and Broker:Password");
        Assert.Equal(0, await silo.StopAsync());
        Assert.DoesNotContain(silo.Child.Output.Concat(silo.Child.Errors), l => l.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_listener_of_its_own_it_reads_from_the_broker_only()
    {
        await using var mosquitto = await MosquittoProcess.StartPersistentAsync();
        await using var silo = await SiloProcess.StartAsync([.. s_windows, .. Bridge(mosquitto), "--Mqtt:Port=0"]);
        await WhenReadingAsync(silo);
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => RawMqtt.OpenAsync(silo.MqttPort));
        using var mqtt = await RawMqtt.ConnectAsync(mosquitto.Port, "device");
        await mqtt.PublishAsync("city/nam/bd/air/kept-0", Payload(0));
        await silo.WaitForValueAsync("kept-0", "pm25", 0);
    }

    private static string[] Bridge(MosquittoProcess mosquitto) => [$"--Broker:Url={mosquitto.Url}", "--Broker:MinReconnectDelay=00:00:00.050", "--Broker:MaxReconnectDelay=00:00:00.500"];

    private static Task WhenReadingAsync(SiloProcess silo, int times = 1) => WhenSaidAsync(silo, "Reading from the MQTT broker", times);

    /// <summary>Waits until this process of the host has said something so often; it may stand before or behind the line that it is ready.</summary>
    private static async Task WhenSaidAsync(SiloProcess silo, string text, int times = 1)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < s_patience; await timer.WaitForNextTickAsync())
        {
            if (silo.Child.Output.Count(l => l.Contains(text, StringComparison.Ordinal)) >= times) return;
        }

        throw new TimeoutException($"Not within {s_patience.TotalSeconds} s: '{text}'. The last lines: {string.Join('\n', silo.Child.Output.TakeLast(15))}");
    }

    private static string Plain(string metrics) => string.Join('\n', metrics.Split('\n').Where(l => !l.StartsWith('#')).Select(l => System.Text.RegularExpressions.Regex.Replace(l, @"\{[^}]*\}", "")));

    private static async Task<long> AcceptedAsync(SiloProcess silo) => (await silo.GetAsync("/api/v1/ledger")).GetProperty("accepted").GetInt64();

    private List<(string Topic, string Payload)> Messages(int count) => [.. Enumerable.Range(0, count).Select(i => ($"city/nam/bd/air/kept-{i % Devices}", Payload(i)))];

    private string Payload(int i) => string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{_startMs + (i / Devices * 1000L)}},"seq":{{i}},"pm25":{{i / Devices / 4m}}}""");

    /// <summary>What came twice is counted as a duplicate; one row a second and device has one reading.</summary>
    private async Task AssertExactlyOnceAsync(SiloProcess silo, int count)
    {
        long Of(JsonElement l, string name) => l.GetProperty(name).GetInt64();
        var ledger = await silo.WaitForAsync(
            "/api/v1/ledger", l => Of(l, "accepted") - Of(l, "duplicate") >= count && Of(l, "buffered") == 0, $"{count} readings stored", TimeSpan.FromSeconds(40));
        Assert.Equal((0, count, count), (Of(ledger, "balance"), Of(ledger, "accepted") - Of(ledger, "duplicate"), Of(ledger, "stored") + Of(ledger, "lateCorrected")));
        Assert.Empty(ledger.GetProperty("rejected").EnumerateObject());
        for (var device = 0; device < Devices; device++)
        {
            var series = await silo.GetAsync($"/api/v1/devices/kept-{device}/series/pm25?from={Api.Time(_startMs - 60_000)}");
            var rows = series.Rows().ToDictionary(r => r.GetProperty("start").GetDateTimeOffset().ToUnixTimeMilliseconds());
            Assert.Equal(count / Devices, rows.Count);
            for (var i = 0; i < count / Devices; i++)
            {
                var row = rows[_startMs + (i * 1000L)];
                Assert.Equal((1L, (double)(i / 4m)), (row.GetProperty("count").GetInt64(), row.GetProperty("mean").GetDouble()));
            }
        }
    }
}
