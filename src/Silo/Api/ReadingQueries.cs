using System.Globalization;
using SmartCity.Gateway;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>Readings as they were measured: what the store has and what InfluxDB has, each once.</summary>
internal sealed class ReadingQueries(ITelemetryStore store, SiloOptions options, TimeProvider clock, IReadingHistory? history = null)
{
    public const int MaxLimit = 10_000;

    private static readonly TimeSpan s_defaultRange = TimeSpan.FromHours(1);

    /// <summary>Why there is nothing to ask for, and which option to set; null when there is.</summary>
    public string? Missing => options.Raw switch
    {
        { Store: RawStore.None } when options.Cluster.IsShared => "A cluster keeps windows, not readings; ask for /series/ instead.",
        { Store: RawStore.None } => "Readings are kept as windows only. Set Raw:Store to Sqlite, Influx or Both, and those that come from then on are kept as they were measured.",
        { InSqlite: false } when history is null => "Readings are kept in InfluxDB, which is not read here. Set Influx:ReadHistory to true if it has InfluxQL, or Raw:Store to Both.",
        _ => null,
    };

    /// <summary>A page; null when they are in InfluxDB alone, and it does not answer.</summary>
    /// <exception cref="BadRequestException">A parameter cannot be used.</exception>
    public async Task<ReadingPage?> ReadAsync(
        DeviceEntry device, string kind, string metric, string? from, string? to, int? limit, string? after, CancellationToken cancellationToken)
    {
        var (fromMs, toMs) = ApiTime.Range(from, to, s_defaultRange, clock);
        if ((toMs - fromMs) / (options.Window.Seconds * 1000L) > ApiTime.MaxRows)
            throw new BadRequestException($"The range has more than {ApiTime.MaxRows} windows of {options.Window.Seconds} s; ask for a shorter one.");
        var most = limit ?? 1000;
        if (most is < 1 or > MaxLimit) throw new BadRequestException($"'limit' must be 1 to {MaxLimit}.");
        var query = new ReadingQuery(device.Id, kind, metric, fromMs, toMs, after is null ? null : Parse(after), most);
        var ours = await store.ReadReadingsAsync(query, cancellationToken);
        if (history is null) return ours;
        return await history.ReadReadingsAsync(query, cancellationToken) is { } theirs ? ReadingPage.Union(ours, theirs, most) : options.Raw.InSqlite ? ours : null;
    }

    /// <summary>A place as a parameter of the API.</summary>
    public static string Text(ReadingMark mark) => string.Create(CultureInfo.InvariantCulture, $"{mark.EventMs}.{mark.Sequence}");

    private static ReadingMark Parse(string after) =>
        after.Split('.') is [var time, var sequence] && long.TryParse(time, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms)
        && uint.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(ms, number) : throw new BadRequestException($"'after' is '{after}'; pass what the page before gave as 'next'.");
}
