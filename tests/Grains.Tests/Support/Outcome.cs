using System.Buffers;
using System.Globalization;
using SmartCity.Contracts;

namespace SmartCity.Grains.Tests;

/// <summary>Everything that a run left in the store, as comparable text; sums of areas apart, because their last bits depend on the order of merging.</summary>
internal sealed class Outcome
{
    public SortedDictionary<string, string> DeviceWindows { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> AreaWindows { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, double> AreaSums { get; } = new(StringComparer.Ordinal);

    /// <summary>Raw readings, where they are kept, by device, kind and metric.</summary>
    public SortedDictionary<string, string> Readings { get; } = new(StringComparer.Ordinal);

    public List<string> Ledger { get; } = [];

    public List<string> DeadLetters { get; } = [];

    public SortedDictionary<string, string> Tiles { get; } = new(StringComparer.Ordinal);

    public List<string> Latest { get; } = [];

    public List<string> Devices { get; } = [];

    public static async Task<Outcome> OfAsync(ITelemetryStore store)
    {
        var outcome = new Outcome();
        var names = new HashSet<(string Kind, string Metric)>();
        foreach (var device in await store.ListDevicesAsync(default))
        {
            outcome.Devices.Add(Text($"{device.Id} {device.Stream} {device.RegisteredMs} {device.LastSeenMs} {device.Latitude} {device.Longitude}"));
            var latest = await store.LoadLatestAsync(device.Id);
            outcome.Latest.AddRange(latest.Select(l => Text($"{device.Id} {l.Kind} {l.Metric} {l.EventMs} {l.Value}")));
            foreach (var (kind, metric) in latest.Select(l => (l.Kind, l.Metric)))
            {
                var page = await store.ReadReadingsAsync(new(device.Id, kind, metric, 0, long.MaxValue, null, int.MaxValue), default);
                if (page.Readings.Count > 0) outcome.Readings.Add($"{device.Id} {kind} {metric}", string.Join(' ', page.Readings.Select(r => Text($"{r.EventMs}/{r.Sequence}={r.Value:R}")).Order(StringComparer.Ordinal)));
            }

            foreach (var metric in latest.Select(l => l.Metric).Distinct())
            {
                foreach (var row in await store.ReadWindowsAsync(device.Id, metric, 0, long.MaxValue, default))
                {
                    names.Add((row.Stream.Kind, metric));
                    outcome.DeviceWindows.Add(
                        Text($"{device.Id} {row.Stream.Region}/{row.Stream.Unit}/{row.Stream.Kind} {metric} {row.StartMs}"),
                        Text($"n={row.Aggregate.Count} late={row.Late} duplicates={row.Duplicates} through={row.AppliedThrough} ")
                        + Bytes(row.Aggregate.WriteTo) + " " + Convert.ToHexString(row.Seen));
                }
            }
        }

        foreach (var area in AllAreas())
        {
            foreach (var (kind, metric) in names)
            {
                foreach (var row in await store.ReadAreaWindowsAsync(area, kind, metric, 0, long.MaxValue, default))
                {
                    var (key, a) = (Text($"{area} {kind} {metric} {row.StartMs}"), row.Aggregate);
                    outcome.AreaWindows.Add(key, Text($"n={a.Count} {a.Min} {a.Max} {a.FirstMs}:{a.First} {a.LastMs}:{a.Last} {a.Quantile(0.5)} {a.Quantile(0.95)}"));
                    outcome.AreaSums.Add(key, a.Sum);
                }
            }
        }

        foreach (var row in await store.ReadLedgerAsync(0, long.MaxValue, null, default))
        {
            outcome.Ledger.Add(Text($"{row.DeviceId} {row.HourMs} accepted={row.Accepted} stored={row.Stored} duplicate={row.Duplicate} late={row.LateCorrected} ")
                + string.Join(',', row.Rejected.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}={r.Value}")));
        }

        outcome.DeadLetters.AddRange((await store.ReadDeadLettersAsync(null, int.MaxValue, default))
            .Select(d => Text($"{d.Position}.{d.Ordinal} {d.DeviceId} {d.Reason} {d.Readings} {d.Detail} {Convert.ToHexString(d.Payload)}")));
        foreach (var grid in new[] { "rsrp", "rsrq", "sinr" })
        {
            foreach (var tile in await store.ReadTilesAsync(new(0, 0, 0), grid, null, 0, long.MaxValue, default))
                outcome.Tiles.Add(Text($"{tile.Plmn} {tile.Tile} {tile.DayMs} {grid}"), Text($"n={tile.Histogram.Count} ") + Bytes(tile.Histogram.WriteTo));
        }

        return outcome;
    }

    public void AssertSameAs(Outcome other)
    {
        AssertSame(DeviceWindows, other.DeviceWindows);
        AssertSame(AreaWindows, other.AreaWindows);
        AssertSame(Readings, other.Readings);
        AssertSame(Tiles, other.Tiles);
        Assert.Equal(DeadLetters, other.DeadLetters);
        Assert.Equal(Ledger, other.Ledger);
        Assert.Equal(Latest, other.Latest);
        Assert.Equal(Devices, other.Devices);
        foreach (var (key, sum) in AreaSums) Assert.Equal(sum, other.AreaSums[key], 1e-9 * (1 + Math.Abs(sum)));
    }

    public static IEnumerable<string> AllAreas() =>
        Geography.Default.Units.Select(u => u.Code).Concat(AreaCodes.Regions).Append(AreaCodes.Nation);

    private static void AssertSame(SortedDictionary<string, string> expected, SortedDictionary<string, string> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (key, value) in expected) Assert.Equal((key, value), (key, actual[key]));
    }

    private static string Bytes(Action<IBufferWriter<byte>> write)
    {
        var writer = new ArrayBufferWriter<byte>();
        write(writer);
        return Convert.ToHexString(writer.WrittenSpan);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
