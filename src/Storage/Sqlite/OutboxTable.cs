using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// What InfluxDB has not got yet: chunks of lines in the order of their commits. At the bound no chunk is added; the starts of the windows
/// are, and their rows are read from the store again once the chunks are gone. Nothing is lost, and what is kept stays small.
/// </summary>
internal sealed class OutboxTable(SqliteSession writer, long maxBytes)
{
    /// <summary>Chunks and compressed bytes, with the transaction under way.</summary>
    public long Chunks { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Starts of windows and of rows of tiers that wait to be read again.</summary>
    public long Starts { get; private set; }

    public void Load()
    {
        Chunks = writer.Scalar("SELECT count(*) FROM outbox");
        Bytes = writer.Scalar("SELECT coalesce(sum(bytes), 0) FROM outbox");
        Starts = writer.Scalar("SELECT (SELECT count(*) FROM outbox_start) + (SELECT count(*) FROM outbox_rollup)");
    }

    /// <summary>Adds a commit's lines.</summary>
    /// <returns>False when the outbox is full and only the windows' starts were noted.</returns>
    public bool Append(IReadOnlyList<LineChunk> chunks, StoreCommit commit)
    {
        if (chunks.Count == 0) return true;
        if (Bytes + chunks.Sum(c => (long)c.Body.Length) <= maxBytes)
        {
            Append(chunks);
            return true;
        }

        long previous = long.MinValue;
        foreach (var start in commit.Windows.Select(w => w.StartMs).Concat(commit.Areas.Select(a => a.StartMs)))
        {
            if (start == previous) continue;
            previous = start;
            var insert = writer["INSERT OR IGNORE INTO outbox_start(start) VALUES (?) RETURNING 1"].Bind(1, start);
            if (insert.Step()) Starts++;
            insert.Reset();
        }

        return false;
    }

    /// <summary>Adds lines of rows of a tier.</summary>
    /// <returns>False when the outbox is full and only their starts were noted.</returns>
    public bool Append(IReadOnlyList<LineChunk> chunks, TimeTier tier, IEnumerable<long> starts)
    {
        if (Bytes + chunks.Sum(c => (long)c.Body.Length) <= maxBytes)
        {
            Append(chunks);
            return true;
        }

        foreach (var start in starts.Distinct())
        {
            var insert = writer["INSERT OR IGNORE INTO outbox_rollup(tier, start) VALUES (?, ?) RETURNING 1"].Bind(1, tier.LengthMs).Bind(2, start);
            if (insert.Step()) Starts++;
            insert.Reset();
        }

        return false;
    }

    /// <summary>Puts the lines of a tier's start that waited behind the chunks.</summary>
    public void Refill(TimeTier tier, long startMs, IReadOnlyList<LineChunk> chunks)
    {
        writer["DELETE FROM outbox_rollup WHERE tier = ? AND start = ?"].Bind(1, tier.LengthMs).Bind(2, startMs).Run();
        Starts--;
        Append(chunks);
    }

    /// <summary>A tier's start whose rows wait to be read again; null when there is none.</summary>
    public (TimeTier Tier, long StartMs)? NextRollup(IReadOnlyList<TimeTier> tiers)
    {
        var select = writer["SELECT tier, start FROM outbox_rollup LIMIT 1"];
        var next = select.Step() ? (Tier: tiers.FirstOrDefault(t => t.LengthMs == select.Int64(0)), Start: select.Int64(1)) : default;
        select.Reset();
        return next.Tier is { } tier ? (tier, next.Start) : null;
    }

    /// <summary>Puts the lines of a start that waited behind the chunks; the bound does not apply, as they replace it.</summary>
    public void Refill(long startMs, IReadOnlyList<LineChunk> chunks)
    {
        writer["DELETE FROM outbox_start WHERE start = ?"].Bind(1, startMs).Run();
        Starts--;
        Append(chunks);
    }

    /// <summary>True while the rows of that start are to be read again.</summary>
    public static bool Waits(SqliteSession session, long startMs)
    {
        var select = session["SELECT 1 FROM outbox_start WHERE start = ?"].Bind(1, startMs);
        var waits = select.Step();
        select.Reset();
        return waits;
    }

    public void Delete(OutboxChunk chunk)
    {
        writer["DELETE FROM outbox WHERE id = ?"].Bind(1, chunk.Id).Run();
        Chunks--;
        Bytes -= chunk.Body.Length;
    }

    /// <summary>What was sent of a chunk goes; the rest keeps its place.</summary>
    public void Replace(OutboxChunk chunk, LineChunk rest)
    {
        writer["UPDATE outbox SET lines = ?, bytes = ?, body = ?, first_start = ?, last_start = ? WHERE id = ?"]
            .Bind(1, rest.Lines).Bind(2, rest.Body.Length).Bind(3, rest.Body).Bind(4, rest.FirstStartMs).Bind(5, rest.LastStartMs).Bind(6, chunk.Id).Run();
        Bytes += rest.Body.Length - chunk.Body.Length;
    }

    /// <summary>Keeps what InfluxDB refused, newest 1,000 entries, so that somebody can see why.</summary>
    public void Record(long atMs, RejectedLines reject)
    {
        writer["INSERT INTO outbox_reject(at, lines, message, sample) VALUES (?, ?, ?, ?)"]
            .Bind(1, atMs).Bind(2, reject.Lines).Bind(3, reject.Message).Bind(4, reject.Sample).Run();
        writer["DELETE FROM outbox_reject WHERE id <= (SELECT max(id) FROM outbox_reject) - 1000"].Run();
    }

    public static OutboxChunk? ReadOldest(SqliteSession reader, long afterId)
    {
        var select = reader["SELECT id, lines, body, target FROM outbox WHERE id > ? ORDER BY id LIMIT 1"].Bind(1, afterId);
        OutboxChunk? chunk = select.Step() ? new(select.Int64(0), select.Int32(1), select.Blob(2).ToArray(), (LineTarget)select.Int32(3)) : null;
        select.Reset();
        return chunk;
    }

    public static (long First, long Last) ReadRange(SqliteSession reader) =>
        Pair(reader["SELECT coalesce((SELECT min(id) FROM outbox), 0), coalesce((SELECT max(id) FROM outbox), 0)"]);

    public static (long Id, long StartMs) ReadLast(SqliteSession reader) =>
        Pair(reader[
            "SELECT coalesce((SELECT max(id) FROM outbox), 0), CASE WHEN EXISTS(SELECT 1 FROM outbox WHERE last_start IS NULL) "
            + $"THEN {long.MaxValue} ELSE coalesce((SELECT max(last_start) FROM outbox), {long.MinValue + 1}) END"]);

    public static long ReadFirstStart(SqliteSession reader) => reader.Scalar(
        $"SELECT CASE WHEN EXISTS(SELECT 1 FROM outbox WHERE first_start IS NULL) THEN {long.MinValue + 1} "
        + $"ELSE min(coalesce((SELECT min(first_start) FROM outbox), {long.MaxValue}), coalesce((SELECT min(start) FROM outbox_start), {long.MaxValue}), coalesce((SELECT min(start) FROM outbox_rollup), {long.MaxValue})) END");

    public static IReadOnlyList<RejectedLines> ReadRejects(SqliteSession reader)
    {
        var rows = new List<RejectedLines>();
        var select = reader["SELECT lines, message, sample FROM outbox_reject ORDER BY id DESC"];
        while (select.Step()) rows.Add(new(select.Int32(0), select.Text(1), select.Text(2)));
        select.Reset();
        return rows;
    }

    private static (long, long) Pair(Statement select)
    {
        select.Step();
        var pair = (select.Int64(0), select.Int64(1));
        select.Reset();
        return pair;
    }

    private void Append(IReadOnlyList<LineChunk> chunks)
    {
        foreach (var chunk in chunks)
        {
            writer["INSERT INTO outbox(lines, bytes, body, first_start, last_start, target) VALUES (?, ?, ?, ?, ?, ?)"]
                .Bind(1, chunk.Lines).Bind(2, chunk.Body.Length).Bind(3, chunk.Body).Bind(4, chunk.FirstStartMs).Bind(5, chunk.LastStartMs).Bind(6, (long)chunk.Target).Run();
            Chunks++;
            Bytes += chunk.Body.Length;
        }
    }
}
