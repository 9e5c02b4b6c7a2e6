using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// Readings as they were measured: a block for each time that a window was stored with new ones, in the order of window starts, so that a commit appends whole pages. Starts are
/// Unix seconds, which windows begin with. Parts count from 1; those that are here only until InfluxDB has them, from −1 downwards.
/// </summary>
internal static class ReadingTable
{
    private const string NextStart = "SELECT start FROM reading_block WHERE start > ?1 ORDER BY start LIMIT 1";

    /// <summary>Adds blocks inside the caller's transaction.</summary>
    /// <param name="stay">False: only until InfluxDB has them.</param>
    public static void Write(SqliteSession writer, IReadOnlyList<ReadingBlock> blocks, bool stay, Func<ReadingBlock, long> seriesOf)
    {
        var rows = new (long Start, long Series, int Index)[blocks.Count];
        for (var i = 0; i < rows.Length; i++) rows[i] = (blocks[i].StartMs / 1000, seriesOf(blocks[i]), i);
        Array.Sort(rows);
        var insert = writer["INSERT INTO reading_block(start, series, part, readings) VALUES "
            + (stay ? "(?1, ?2, (SELECT max(0, coalesce(max(part), 0)) + 1 FROM reading_block WHERE start = ?1 AND series = ?2), ?3)"
                : "(?1, ?2, (SELECT min(0, coalesce(min(part), 0)) - 1 FROM reading_block WHERE start = ?1 AND series = ?2), ?3)")];
        foreach (var (start, series, index) in rows) insert.Bind(1, start).Bind(2, series).Bind(3, blocks[index].Readings).Run();
    }

    /// <summary>A page of a metric's readings.</summary>
    /// <param name="windowSeconds">Length of a window.</param>
    public static ReadingPage Read(SqliteSession session, ReadingQuery query, int windowSeconds)
    {
        var series = SeriesOf(session, query);
        if (series.Count == 0) return ReadingPage.Empty;
        var from = Math.Max(query.FromMs, query.After?.EventMs ?? long.MinValue);
        var readings = new List<StoredReading>();
        var select = session["SELECT readings FROM reading_block WHERE start = ?1 AND series = ?2"];
        var before = Floor(from) - windowSeconds; // a window that begins then ends before what is asked for
        while (readings.Count <= query.Limit && Next(session, before) is { } start && start * 1000 < query.ToMs)
        {
            var first = readings.Count;
            foreach (var id in series)
            {
                select.Bind(1, start).Bind(2, id);
                while (select.Step())
                {
                    foreach (var reading in ReadingCodec.Decode(start * 1000, select.Blob(0)))
                    {
                        if (reading.EventMs >= from && reading.EventMs < query.ToMs && (query.After is not { } after || reading.Mark > after)) readings.Add(reading);
                    }
                }

                select.Reset();
            }

            readings.Sort(first, readings.Count - first, Comparer<StoredReading>.Create(static (a, b) => a.Mark.CompareTo(b.Mark)));
            before = start;
        }

        return ReadingPage.Of(readings, query.Limit, false);
    }

    /// <summary>Every block of one window start.</summary>
    public static List<ReadingBlock> OfStart(SqliteSession session, long startMs)
    {
        var blocks = new List<ReadingBlock>();
        var streams = new Dictionary<long, StreamName>();
        var select = session["SELECT b.readings, d.value, m.value, s.stream FROM reading_block b CROSS JOIN series s CROSS JOIN name d CROSS JOIN name m "
            + "WHERE b.start = ?1 AND s.id = b.series AND d.id = s.device AND m.id = s.metric ORDER BY b.series, b.part"].Bind(1, startMs / 1000);
        while (select.Step())
        {
            var bytes = select.Blob(0).ToArray();
            blocks.Add(new(select.Text(1), StoreReader.Stream(session, streams, select.Int64(3)), select.Text(2), startMs, ReadingCodec.Decode(startMs, bytes).Length, bytes));
        }

        select.Reset();
        return blocks;
    }

    /// <summary>Deletes blocks of one start and a range of series inside the caller's transaction; how many there were.</summary>
    /// <param name="sent">True: only such as were not to stay.</param>
    public static long Delete(SqliteSession writer, long start, long firstSeries, long endSeries, bool sent)
    {
        writer["DELETE FROM reading_block WHERE start = ?1 AND series >= ?2 AND series < ?3" + (sent ? " AND part < 0" : "")].Bind(1, start).Bind(2, firstSeries).Bind(3, endSeries).Run();
        return writer.Scalar("SELECT changes()");
    }

    /// <summary>The next start behind one that has blocks, Unix seconds; null when there is none.</summary>
    public static long? Next(SqliteSession session, long after)
    {
        var select = session[NextStart].Bind(1, after);
        long? start = select.Step() ? select.Int64(0) : null;
        select.Reset();
        return start;
    }

    private static long Floor(long ms) => ms == long.MinValue ? 0 : (long)Math.Floor(ms / 1000.0);

    private static List<long> SeriesOf(SqliteSession session, ReadingQuery query)
    {
        var ids = new List<long>();
        var select = session["SELECT s.id FROM series s CROSS JOIN stream t WHERE s.device = (SELECT id FROM name WHERE value = ?1) AND s.metric = (SELECT id FROM name WHERE value = ?2) "
            + "AND t.id = s.stream AND t.kind = (SELECT id FROM name WHERE value = ?3)"].Bind(1, query.DeviceId).Bind(2, query.Metric).Bind(3, query.Kind);
        while (select.Step()) ids.Add(select.Int64(0));
        select.Reset();
        return ids;
    }
}
