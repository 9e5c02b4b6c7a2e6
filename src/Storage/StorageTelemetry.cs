using System.Diagnostics;
using System.Diagnostics.Metrics;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Meter and activity source of this part; the names are <see cref="Name"/>.</summary>
public static class StorageTelemetry
{
    public const string Name = "SmartCity.Storage";

    internal static readonly ActivitySource Activities = new(Name);
    internal static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> Commits = Meter.CreateCounter<long>(
        "smartcity.storage.commits", "{commit}", "Commits to the store, by outcome.");

    internal static readonly Counter<long> Rows = Meter.CreateCounter<long>(
        "smartcity.storage.rows", "{row}", "Rows made durable, by table.");

    internal static readonly Histogram<double> CommitSeconds = Meter.CreateHistogram<double>(
        "smartcity.storage.commit.duration", "s", "Time from asking for a commit until it was durable.");

    internal static readonly UpDownCounter<long> OutboxBytes = Meter.CreateUpDownCounter<long>(
        "smartcity.storage.outbox.size", "By", "Compressed bytes that wait for InfluxDB.");

    internal static readonly UpDownCounter<long> OutboxChunks = Meter.CreateUpDownCounter<long>(
        "smartcity.storage.outbox.chunks", "{chunk}", "Chunks that wait for InfluxDB.");

    internal static readonly Counter<long> OutboxOverflows = Meter.CreateCounter<long>(
        "smartcity.storage.outbox.overflows", "{commit}", "Commits whose lines were left to be read again from the store because the outbox was full.");

    internal static readonly Counter<long> InfluxWrites = Meter.CreateCounter<long>(
        "smartcity.storage.influx.writes", "{request}", "Write requests to InfluxDB, by outcome.");

    internal static readonly Counter<long> InfluxLines = Meter.CreateCounter<long>(
        "smartcity.storage.influx.lines", "{line}", "Lines that InfluxDB took or refused, by outcome.");

    internal static readonly Counter<long> InfluxRetries = Meter.CreateCounter<long>(
        "smartcity.storage.influx.retries", "{request}", "Writes that were tried again.");

    /// <summary>Counts the rows of a commit that is durable.</summary>
    internal static void CountRows(StoreCommit commit)
    {
        Count("windows", commit.Windows.Count);
        Count("readings", commit.Readings.Sum(r => r.Count));
        Count("areas", commit.Areas.Count + commit.AreaDeltas.Count);
        Count("latest", commit.Latest.Count);
        Count("devices", commit.Devices.Count);
        Count("tiles", commit.Tiles.Count + commit.TileDeltas.Count);
        Count("dead_letters", commit.DeadLetters.Count);
    }

    private static void Count(string table, int rows)
    {
        if (rows > 0) Rows.Add(rows, new KeyValuePair<string, object?>("table", table));
    }

    internal static KeyValuePair<string, object?> Outcome(string value) => new("outcome", value);
}
