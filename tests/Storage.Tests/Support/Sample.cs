using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Windows and other rows with known content.</summary>
public static class Sample
{
    public const long T0 = 1_764_000_000_000; // aligned to minutes and hours

    public static readonly StreamName Air = new("bac", "hn", "air");

    public static WindowAggregate Aggregate(long startMs, params double[] values)
    {
        var aggregate = new WindowAggregate();
        for (var i = 0; i < values.Length; i++) aggregate.Add(startMs + i, values[i]);
        return aggregate;
    }

    public static DeviceWindow Window(
        string device = "d1", string metric = "pm25", long startMs = T0, double[]? values = null, long late = 0, long duplicates = 0,
        StreamName? stream = null, long appliedThrough = 7, int revision = 1, byte[]? seen = null,
        WindowAggregate? aggregate = null) => new()
        {
            DeviceId = device,
            Stream = stream ?? Air,
            Metric = metric,
            StartMs = startMs,
            Aggregate = aggregate ?? Aggregate(startMs, values ?? [1.5, 2.25, -3]),
            Late = late,
            Duplicates = duplicates,
            AppliedThrough = appliedThrough,
            Revision = revision,
            Seen = seen ?? [1, 2, 3],
        };

    public static AreaWindow Area(string area = "hn", string kind = "air", string metric = "pm25", long startMs = T0, params double[] values) => new()
    {
        Area = area,
        Kind = kind,
        Metric = metric,
        StartMs = startMs,
        Aggregate = Aggregate(startMs, values.Length == 0 ? [4.5, 6] : values),
        Revision = 2,
    };

    /// <summary>Readings of one window, a second apart and numbered from 1, unless they say otherwise.</summary>
    public static ReadingBlock Block(string device = "d1", string metric = "pm25", long startMs = T0, StreamName? stream = null, params StoredReading[] readings)
    {
        if (readings.Length == 0) readings = [new(startMs, 1, 1.5), new(startMs + 1000, 2, 2.25), new(startMs + 2000, 3, -3)];
        return new(device, stream ?? Air, metric, startMs, readings.Length, ReadingCodec.Encode(startMs, readings));
    }

    public static DeadLetter Dead(long position, int ordinal = 0, string device = "d1", string reason = RejectReason.BadJson, int readings = 1) => new()
    {
        Position = position,
        Ordinal = ordinal,
        ArrivalMs = T0 + 1234,
        Topic = "city/bac/hn/air/" + device,
        DeviceId = device,
        Reason = reason,
        Detail = "It is not JSON; send an object.",
        Readings = readings,
        Payload = [0x7B, 0, 0xFF],
    };

    /// <summary>Windows of a city: so many devices with five metrics each, twelve readings per window.</summary>
    public static List<DeviceWindow> City(int windows, long startMs, int seed = 1)
    {
        var random = new Random(seed);
        string[] metrics = ["pm25", "pm10", "no2", "temp", "humidity"];
        var rows = new List<DeviceWindow>(windows);
        for (var i = 0; i < windows; i++)
        {
            var aggregate = new WindowAggregate();
            var seen = default(SeenReadings);
            for (var r = 0; r < 12; r++)
            {
                aggregate.Add(startMs + (r * 5000), 20 + (random.NextDouble() * 10));
                seen.Add(r * 5000, r);
            }

            rows.Add(new DeviceWindow
            {
                DeviceId = $"device-{i / metrics.Length:D6}",
                Stream = Air,
                Metric = metrics[i % metrics.Length],
                StartMs = startMs,
                Aggregate = aggregate,
                AppliedThrough = i,
                Revision = 1,
                Seen = seen.ToArray(),
            });
        }

        return rows;
    }
}
