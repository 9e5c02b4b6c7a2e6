using System.Globalization;
using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>PUBACK means on disk: whichever way the host ends, what it acknowledged is there exactly once after a restart.</summary>
public sealed class DurabilityTests
{
    private const int Devices = 4;
    private static readonly string[] s_options = ["--Window:Seconds=1", "--Window:GraceSeconds=0", "--Window:SpreadSeconds=0"];

    // One reading per device and second, so that with windows of a second every reading is a row of its own. The last lies a minute back.
    private readonly long _startMs = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000 * 1000) - 2_000_000;

    [Fact]
    public async Task Nothing_is_lost_when_the_host_is_killed_right_after_the_last_PUBACK()
    {
        const int Count = 4000;
        await using var silo = await SiloProcess.StartAsync("--Window:Seconds=60"); // nothing is stored yet: only the intake log has it
        var publisher = new ResendingPublisher(silo.MqttPort, Messages(Count));
        Assert.True(await publisher.RunAsync("killed", Count, silo.KillAsync));

        await silo.StartAgainAsync();
        var ledger = await silo.LedgerAsync(Count);
        Assert.Equal((Count, 0L), (ledger.GetProperty("accepted").GetInt64(), ledger.GetProperty("duplicate").GetInt64()));
        Assert.Empty(ledger.GetProperty("rejected").EnumerateObject());
        for (var device = 0; device < Devices; device++)
        {
            var rows = await RowsAsync(silo, device);
            Assert.Equal(Count / Devices, rows.Sum(r => r.Count));
            Assert.Equal(Enumerable.Range(0, Count / Devices).Sum(i => (double)Value(i)), rows.Sum(r => r.Mean * r.Count), 1e-3);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Nothing_is_lost_or_counted_twice_when_the_host_is_killed_again_and_again_in_mid_stream(int seed)
    {
        const int Count = 6000;
        const int Kills = 5;
        var random = new Random(seed);
        await using var silo = await SiloProcess.StartAsync(s_options);
        var publisher = new ResendingPublisher(silo.MqttPort, Messages(Count));
        for (var kill = 0; kill < Kills; kill++)
        {
            var at = Math.Max(publisher.Acknowledged + 1, (Count * kill / Kills) + random.Next(Count / Kills));
            Assert.False(await publisher.RunAsync($"stream-{kill}", at, silo.KillAsync), "The host was killed too late to be in mid-stream.");
            await silo.StartAgainAsync();
            await AssertExactlyOnceAsync(silo, publisher, mayHold: true);
        }

        Assert.True(await publisher.RunAsync("stream-last"));
        await AssertExactlyOnceAsync(silo, publisher, mayHold: false);
        await AssertBalancedAsync(silo, Count);
    }

    [Fact]
    public async Task A_clean_stop_in_mid_stream_ends_with_code_0_and_loses_nothing()
    {
        const int Count = 6000;
        await using var silo = await SiloProcess.StartAsync(s_options);
        var publisher = new ResendingPublisher(silo.MqttPort, Messages(Count));
        var code = -1;
        await publisher.RunAsync("stopped", Count / 2, async () => code = await silo.StopAsync());
        Assert.Equal(0, code);
        Assert.Empty(silo.Child.Errors);
        Assert.DoesNotContain(silo.Child.Output, line => line.Contains("fail:", StringComparison.Ordinal) || line.Contains("crit:", StringComparison.Ordinal));

        await silo.StartAgainAsync();
        await AssertExactlyOnceAsync(silo, publisher, mayHold: true);
        Assert.True(publisher.Acknowledged == Count || await publisher.RunAsync("stopped-again"));
        await AssertExactlyOnceAsync(silo, publisher, mayHold: false);
        await AssertBalancedAsync(silo, Count);

        // And once more with nothing under way: what is stored and what is remembered stays the same.
        var before = await RowsAsync(silo, 0);
        Assert.Equal(0, await silo.StopAsync());
        await silo.StartAgainAsync();
        Assert.Equal(before, await RowsAsync(silo, 0));
        await AssertBalancedAsync(silo, Count);
    }

    private List<(string Topic, string Payload)> Messages(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => (
            Topic: $"city/nam/bd/air/kept-{i % Devices}",
            Payload: string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{_startMs + (i / Devices * 1000L)}},"seq":{{i}},"pm25":{{Value(i / Devices)}}}"""))),
    ];

    private static decimal Value(int index) => index / 4m;

    /// <summary>Every acknowledged reading is there once; one without an acknowledgement may be there, but not twice.</summary>
    private async Task AssertExactlyOnceAsync(SiloProcess silo, ResendingPublisher publisher, bool mayHold)
    {
        // The pump may still be replaying: the ledger is read while it is idle. What was sent again counts there as well, so the last readings may be still to come.
        await silo.LedgerAsync(publisher.Acknowledged);
        for (var device = 0; device < Devices; device++)
        {
            var acknowledged = Enumerable.Range(0, publisher.Count / Devices).Where(i => publisher.IsAcknowledged((i * Devices) + device)).ToList();
            await silo.WaitForAsync(SeriesOf(device), series => Rows(series).Count >= acknowledged.Count, $"the {acknowledged.Count} acknowledged readings of kept-{device}");
            var rows = (await RowsAsync(silo, device)).ToDictionary(r => r.StartMs);
            foreach (var (start, row) in rows)
            {
                var index = (int)((start - _startMs) / 1000);
                Assert.True(row.Count == 1 && row.Mean == (double)Value(index), $"kept-{device} has {row.Count} readings with mean {row.Mean} in second {index}.");
                Assert.True(mayHold || publisher.IsAcknowledged((index * Devices) + device));
            }

            for (var index = 0; index < publisher.Count / Devices; index++)
            {
                var isThere = rows.ContainsKey(_startMs + (index * 1000L));
                Assert.True(isThere || !publisher.IsAcknowledged((index * Devices) + device), $"kept-{device} lost the acknowledged reading of second {index}.");
            }
        }
    }

    /// <summary>Messages that were sent again are counted as duplicates, if they had arrived the first time.</summary>
    private static async Task AssertBalancedAsync(SiloProcess silo, int count)
    {
        await silo.LedgerAsync(count);
        // What is buffered holds duplicates too; every window here has ended, so the next tick stores it.
        var ledger = await silo.WaitForAsync("/api/v1/ledger", l => l.GetProperty("buffered").GetInt64() == 0, "nothing buffered");
        long Of(string name) => ledger.GetProperty(name).GetInt64();
        Assert.Equal((0, count, count), (Of("balance"), Of("accepted") - Of("duplicate"), Of("stored") + Of("lateCorrected")));
        Assert.Empty(ledger.GetProperty("rejected").EnumerateObject());
    }

    private async Task<List<(long StartMs, long Count, double Mean)>> RowsAsync(SiloProcess silo, int device) => Rows(await silo.GetAsync(SeriesOf(device)));

    private string SeriesOf(int device) => $"/api/v1/devices/kept-{device}/series/pm25?from={Api.Time(_startMs - 60_000)}";

    private static List<(long StartMs, long Count, double Mean)> Rows(JsonElement series) => [.. series.GetProperty("rows").EnumerateArray().Select(r => (
        r.GetProperty("start").GetDateTimeOffset().ToUnixTimeMilliseconds(), r.GetProperty("count").GetInt64(), r.GetProperty("mean").GetDouble()))];
}
