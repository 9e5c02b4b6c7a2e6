using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// The writer's cache of small integers for strings, streams, series and window starts. Names it has not seen are looked up, then added,
/// in the transaction under way; after a rollback <see cref="Forget"/> must be called.
/// </summary>
internal sealed class NameTable(SqliteSession writer)
{
    // A million of each is far beyond a city; a hostile flood of names costs look-ups, not memory.
    private const int MaxCached = 1 << 20;

    private readonly Dictionary<string, uint> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<StreamName, long> _streams = [];
    private readonly Dictionary<long, long> _starts = [];
    private readonly Dictionary<(uint Device, uint Stream, uint Metric), uint> _series = []; // numbers only: there are several for each device
    private readonly Dictionary<(string Area, string Kind, string Metric), long> _areaSeries = [];
    private readonly HashSet<long> _newStarts = [];

    /// <summary>Begins a commit: no window start is new yet.</summary>
    public void BeginCommit()
    {
        _newStarts.Clear();
        if (_names.Count > MaxCached) _names.Clear();
        if (_streams.Count > MaxCached) _streams.Clear();
        if (_starts.Count > MaxCached) _starts.Clear();
        if (_series.Count > MaxCached) _series.Clear();
        if (_areaSeries.Count > MaxCached) _areaSeries.Clear();
    }

    /// <summary>Drops everything: what was added in a transaction that was rolled back does not exist.</summary>
    public void Forget()
    {
        _newStarts.Clear();
        _names.Clear();
        _streams.Clear();
        _starts.Clear();
        _series.Clear();
        _areaSeries.Clear();
    }

    /// <summary>Drops one window start, which was deleted.</summary>
    public void ForgetStart(long startMs) => _starts.Remove(startMs);

    public long Name(string value)
    {
        if (_names.TryGetValue(value, out var known)) return known;
        var id = Find(writer["SELECT id FROM name WHERE value = ?"].Bind(1, value))
            ?? Insert(writer["INSERT INTO name(value) VALUES (?) RETURNING id"].Bind(1, value));
        _names.Add(value, Fits(id));
        return id;
    }

    public long Stream(StreamName stream)
    {
        if (_streams.TryGetValue(stream, out var id)) return id;
        long region = Name(stream.Region), unit = Name(stream.Unit), kind = Name(stream.Kind);
        id = Find(writer["SELECT id FROM stream WHERE region = ? AND unit = ? AND kind = ?"].Bind(1, region).Bind(2, unit).Bind(3, kind))
            ?? Insert(writer["INSERT INTO stream(region, unit, kind) VALUES (?, ?, ?) RETURNING id"].Bind(1, region).Bind(2, unit).Bind(3, kind));
        _streams.Add(stream, id);
        return id;
    }

    /// <param name="isNew">True when this commit added the start, so that no window of it can be stored yet.</param>
    public long Start(long startMs, out bool isNew)
    {
        if (!_starts.TryGetValue(startMs, out var id))
        {
            var found = Find(writer["SELECT id FROM window_start WHERE start = ?"].Bind(1, startMs));
            id = found ?? Insert(writer["INSERT INTO window_start(start) VALUES (?) RETURNING id"].Bind(1, startMs));
            if (id > int.MaxValue) throw new InvalidOperationException("The store has more window starts than a key can hold.");
            if (found is null) _newStarts.Add(id);
            _starts.Add(startMs, id);
        }

        isNew = _newStarts.Count != 0 && _newStarts.Contains(id);
        return id;
    }

    public (long Series, long Device) Series(string deviceId, StreamName stream, string metric)
    {
        long device = Name(deviceId), streamId = Stream(stream), metricId = Name(metric);
        var key = ((uint)device, Fits(streamId), (uint)metricId);
        if (_series.TryGetValue(key, out var known)) return (known, device);
        var id = Find(writer["SELECT id FROM series WHERE device = ? AND metric = ? AND stream = ?"].Bind(1, device).Bind(2, metricId).Bind(3, streamId))
            ?? Insert(writer["INSERT INTO series(device, metric, stream) VALUES (?, ?, ?) RETURNING id"].Bind(1, device).Bind(2, metricId).Bind(3, streamId));
        _series.Add(key, Fits(id));
        return (id, device);
    }

    public long AreaSeries(string area, string kind, string metric)
    {
        if (_areaSeries.TryGetValue((area, kind, metric), out var id)) return id;
        long areaId = Name(area), kindId = Name(kind), metricId = Name(metric);
        id = Find(writer["SELECT id FROM area_series WHERE area = ? AND kind = ? AND metric = ?"].Bind(1, areaId).Bind(2, kindId).Bind(3, metricId))
            ?? Insert(writer["INSERT INTO area_series(area, kind, metric) VALUES (?, ?, ?) RETURNING id"].Bind(1, areaId).Bind(2, kindId).Bind(3, metricId));
        _areaSeries.Add((area, kind, metric), Fits(id));
        return id;
    }

    private static uint Fits(long id) =>
        id <= uint.MaxValue ? (uint)id : throw new InvalidOperationException("The store has more names or series than a key can hold.");

    private static long? Find(Statement statement)
    {
        long? id = statement.Step() ? statement.Int64(0) : null;
        statement.Reset();
        return id;
    }

    private static long Insert(Statement statement)
    {
        statement.Step();
        var id = statement.Int64(0);
        statement.Step();
        statement.Reset();
        return id;
    }
}
