using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// The rows of the time tiers (15 min, 1 h, 1 day), written inside the caller's transaction. A tier is built once its time has passed, each row by merging
/// the rows below in the order of time; whatever changes below after that makes the row dirty, in the same commit, and it is built again.
/// </summary>
internal sealed class RollupTable
{
    private readonly SqliteSession _writer;
    private readonly long[] _begun; // per tier: rows that start earlier have been built, or are being built
    private readonly long[] _done; // per tier: rows that start earlier have been built
    private readonly Dictionary<(int Tier, long StartMs), long> _starts = [];

    public RollupTable(SqliteSession writer, int windowSeconds)
    {
        _writer = writer;
        Tiers = TimeTier.Above(windowSeconds);
        (_begun, _done) = (new long[Tiers.Count], new long[Tiers.Count]);
        Load();
    }

    /// <summary>Shortest first.</summary>
    public IReadOnlyList<TimeTier> Tiers { get; }

    /// <summary>Everything that starts earlier has a row, if there is anything below it.</summary>
    public long Done(int tier) => Volatile.Read(ref _done[tier]);

    /// <summary>Everything that starts earlier is being built, or has been; changes below it are noticed.</summary>
    public long Begun(int tier) => Volatile.Read(ref _begun[tier]);

    /// <summary>Reads the marks again, after a transaction was rolled back.</summary>
    public void Load()
    {
        _starts.Clear();
        for (var tier = 0; tier < Tiers.Count; tier++)
        {
            Volatile.Write(ref _begun[tier], Mark(_writer, "begun", Tiers[tier]));
            Volatile.Write(ref _done[tier], Mark(_writer, "done", Tiers[tier]));
        }
    }

    /// <summary>The stored mark of a tier; <see cref="long.MinValue"/> when nothing was built yet.</summary>
    public static long Mark(SqliteSession session, string what, TimeTier tier)
    {
        var select = session["SELECT value FROM mark WHERE name = ?1"].Bind(1, NameOf(what, tier));
        var value = select.Step() ? select.Int64(0) : long.MinValue;
        select.Reset();
        return value;
    }

    /// <summary>A window was written: a row above it that was built is not right any more.</summary>
    public void Changed(SeriesKind kind, long series, long startMs)
    {
        if (Tiers.Count > 0 && startMs < Begun(0)) MarkDirty(0, kind, series, startMs);
    }

    /// <summary>Writes a row; what is above it follows.</summary>
    public void Write(int tier, SeriesKind kind, long series, long startMs, ReadOnlySpan<byte> state)
    {
        var id = (Start(tier, startMs) << 32) | series;
        _writer[$"INSERT OR REPLACE INTO {kind.Rollups}(id, state) VALUES(?1, ?2)"].Bind(1, id).Bind(2, state).Run();
        if (tier + 1 < Tiers.Count && startMs < Begun(tier + 1)) MarkDirty(tier + 1, kind, series, startMs);
    }

    /// <summary>The rows of a start have been deleted, and it with them.</summary>
    public void ForgetStart(TimeTier tier, long startMs)
    {
        for (var i = 0; i < Tiers.Count; i++)
        {
            if (Tiers[i] == tier) _starts.Remove((i, startMs));
        }
    }

    public void Begin(int tier, long throughMs)
    {
        WriteMark("begun", tier, throughMs);
        Volatile.Write(ref _begun[tier], throughMs);
    }

    public void Finish(int tier, long throughMs)
    {
        WriteMark("done", tier, throughMs);
        Volatile.Write(ref _done[tier], throughMs);
    }

    /// <summary>Rows to build again, at most <paramref name="most"/>.</summary>
    public List<(long StartMs, SeriesKind Kind, long Series)> Dirty(int tier, int most)
    {
        var rows = new List<(long, SeriesKind, long)>();
        var select = _writer["SELECT start, area, series FROM rollup_dirty WHERE tier = ?1 LIMIT ?2"].Bind(1, Tiers[tier].LengthMs).Bind(2, most);
        while (select.Step()) rows.Add((select.Int64(0), SeriesKind.All[select.Int32(1)], select.Int64(2)));
        select.Reset();
        return rows;
    }

    /// <summary>True while a row of any tier that holds an instant is to be built again.</summary>
    public static bool IsChanging(SqliteSession session, long ms)
    {
        var select = session["SELECT 1 FROM rollup_dirty WHERE start <= ?1 AND start + tier > ?1 LIMIT 1"].Bind(1, ms);
        var changing = select.Step();
        select.Reset();
        return changing;
    }

    public void Clean(int tier, long startMs, SeriesKind kind, long series) =>
        _writer["DELETE FROM rollup_dirty WHERE tier = ?1 AND start = ?2 AND area = ?3 AND series = ?4"]
            .Bind(1, Tiers[tier].LengthMs).Bind(2, startMs).Bind(3, kind.Code).Bind(4, series).Run();

    private static string NameOf(string what, TimeTier tier) => $"rollup_{what}:{tier.Name}";

    private void MarkDirty(int tier, SeriesKind kind, long series, long startMs) =>
        _writer["INSERT OR IGNORE INTO rollup_dirty(tier, start, area, series) VALUES(?1, ?2, ?3, ?4)"]
            .Bind(1, Tiers[tier].LengthMs).Bind(2, Tiers[tier].StartOf(startMs)).Bind(3, kind.Code).Bind(4, series).Run();

    private void WriteMark(string what, int tier, long value) =>
        _writer["INSERT OR REPLACE INTO mark(name, value) VALUES(?1, ?2)"].Bind(1, NameOf(what, Tiers[tier])).Bind(2, value).Run();

    private long Start(int tier, long startMs)
    {
        if (_starts.TryGetValue((tier, startMs), out var id)) return id;
        _writer["INSERT OR IGNORE INTO rollup_start(tier, start) VALUES(?1, ?2)"].Bind(1, Tiers[tier].LengthMs).Bind(2, startMs).Run();
        var select = _writer["SELECT id FROM rollup_start WHERE tier = ?1 AND start = ?2"].Bind(1, Tiers[tier].LengthMs).Bind(2, startMs);
        select.Step();
        id = select.Int64(0);
        select.Reset();
        if (_starts.Count > 10_000) _starts.Clear(); // late readings may touch any time
        _starts.Add((tier, startMs), id);
        return id;
    }
}
