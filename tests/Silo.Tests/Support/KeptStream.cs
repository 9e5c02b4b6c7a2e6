using System.Globalization;
using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>One reading per device and second, so that with windows of a second every reading is a row of its own. The last lies a minute back.</summary>
public sealed class KeptStream(int most = KeptStream.DefaultCount)
{
    public const int Devices = 4;
    private const int DefaultCount = 6000;

    private readonly long _startMs = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000 * 1000) - (most / Devices * 1000L) - 500_000;

    /// <summary>A time before the first reading.</summary>
    public string From => Api.Time(_startMs - 60_000);

    /// <summary>A time after the last reading.</summary>
    public string To => Api.Time(_startMs + (most / Devices * 1000L) + 60_000);

    /// <summary>Windows of a second, stored at once.</summary>
    public static string[] Options { get; } = ["--Window:Seconds=1", "--Window:GraceSeconds=0", "--Window:SpreadSeconds=0"];

    public List<(string Topic, string Payload)> Messages(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => (
            Topic: $"city/nam/bd/air/kept-{i % Devices}",
            Payload: string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{_startMs + (i / Devices * 1000L)}},"seq":{{i}},"pm25":{{Value(i / Devices)}}}"""))),
    ];

    public static decimal Value(int index) => index / 4m;

    /// <summary>Every acknowledged reading is there once; one without an acknowledgement may be there, but not twice.</summary>
    public async Task AssertExactlyOnceAsync(SiloProcess silo, int count, Func<int, bool> isAcknowledged, bool mayHold)
    {
        // The pump may still be replaying: the ledger is read while it is idle. What was sent again counts there as well, so the last readings may be still to come.
        await silo.LedgerAsync(Enumerable.Range(0, count).Count(isAcknowledged));
        for (var device = 0; device < Devices; device++)
        {
            var acknowledged = Enumerable.Range(0, count / Devices).Where(i => isAcknowledged((i * Devices) + device)).ToList();
            await silo.WaitForAsync(SeriesOf(device), series => Rows(series).Count >= acknowledged.Count, $"the {acknowledged.Count} acknowledged readings of kept-{device}");
            var rows = (await RowsAsync(silo, device)).ToDictionary(r => r.StartMs);
            foreach (var (start, row) in rows)
            {
                var index = (int)((start - _startMs) / 1000);
                Assert.True(row.Count == 1 && row.Mean == (double)Value(index), $"kept-{device} has {row.Count} readings with mean {row.Mean} in second {index}.");
                Assert.True(mayHold || isAcknowledged((index * Devices) + device));
            }

            for (var index = 0; index < count / Devices; index++)
            {
                var isThere = rows.ContainsKey(_startMs + (index * 1000L));
                Assert.True(isThere || !isAcknowledged((index * Devices) + device), $"kept-{device} lost the acknowledged reading of second {index}.");
            }
        }
    }

    /// <summary>Messages that were sent again are counted as duplicates, if they had arrived the first time.</summary>
    public static async Task AssertBalancedAsync(SiloProcess silo, int count)
    {
        await silo.LedgerAsync(count);
        // What is buffered holds duplicates too; every window here has ended, so the next tick stores it.
        var ledger = await silo.WaitForAsync("/api/v1/ledger", l => l.GetProperty("buffered").GetInt64() == 0, "nothing buffered");
        long Of(string name) => ledger.GetProperty(name).GetInt64();
        Assert.Equal((0, count, count), (Of("balance"), Of("accepted") - Of("duplicate"), Of("stored") + Of("lateCorrected")));
        Assert.Empty(ledger.GetProperty("rejected").EnumerateObject());
    }

    public async Task<List<(long StartMs, long Count, double Mean)>> RowsAsync(SiloProcess silo, int device) => Rows(await silo.GetAsync(SeriesOf(device)));

    private string SeriesOf(int device) => $"/api/v1/devices/kept-{device}/series/pm25?from={From}&to={To}";

    private static List<(long StartMs, long Count, double Mean)> Rows(JsonElement series) => [.. series.GetProperty("rows").EnumerateArray().Select(r => (
        r.GetProperty("start").GetDateTimeOffset().ToUnixTimeMilliseconds(), r.GetProperty("count").GetInt64(), r.GetProperty("mean").GetDouble()))];
}
