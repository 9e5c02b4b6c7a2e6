using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Rows of time tiers as lines for InfluxDB.</summary>
internal static class RollupLines
{
    /// <summary>What lines of a tier are of.</summary>
    public static LineTarget TargetOf(TimeTier tier) => tier == TimeTier.Quarter ? LineTarget.QuarterHours : tier == TimeTier.Hour ? LineTarget.Hours : LineTarget.Days;

    /// <summary>Lines of rows of one tier; a series that has lost its names has none.</summary>
    public static IReadOnlyList<LineChunk> Of(
        SqliteSession session, TimeTier tier, IEnumerable<(SeriesKind Kind, long Series, long StartMs, WindowAggregate Aggregate)> rows, InfluxOptions influx)
    {
        var (windows, areas, streams) = (new List<DeviceWindow>(), new List<AreaWindow>(), new Dictionary<long, StreamName>());
        foreach (var (kind, series, startMs, aggregate) in rows)
        {
            var select = session[kind == SeriesKind.Device
                ? "SELECT d.value, m.value, s.stream FROM series s CROSS JOIN name d CROSS JOIN name m WHERE s.id = ?1 AND d.id = s.device AND m.id = s.metric"
                : "SELECT a.value, m.value, k.value FROM area_series s CROSS JOIN name a CROSS JOIN name m CROSS JOIN name k WHERE s.id = ?1 AND a.id = s.area AND m.id = s.metric AND k.id = s.kind"]
                .Bind(1, series);
            if (select.Step())
            {
                if (kind == SeriesKind.Device)
                    windows.Add(new() { DeviceId = select.Text(0), Stream = StoreReader.Stream(session, streams, select.Int64(2)), Metric = select.Text(1), StartMs = startMs, Aggregate = aggregate });
                else areas.Add(new() { Area = select.Text(0), Metric = select.Text(1), Kind = select.Text(2), StartMs = startMs, Aggregate = aggregate });
            }

            select.Reset();
        }

        return LineProtocol.Chunks(windows, areas, influx, TargetOf(tier));
    }

    /// <summary>Lines of everything that a tier has of one start, as it is now.</summary>
    /// <param name="onCorrupt">Told of a row that cannot be read; it has no line.</param>
    public static IReadOnlyList<LineChunk> OfStart(SqliteSession session, TimeTier tier, long startMs, InfluxOptions influx, Action<SeriesKind, long, InvalidDataException> onCorrupt)
    {
        var rows = new List<(SeriesKind, long, long, WindowAggregate)>();
        foreach (var kind in SeriesKind.All)
        {
            var select = session[$"SELECT w.id & 4294967295, w.state FROM rollup_start t CROSS JOIN {kind.Rollups} w WHERE t.tier = ?1 AND t.start = ?2 AND w.id >= t.id << 32 AND w.id < (t.id + 1) << 32"]
                .Bind(1, tier.LengthMs).Bind(2, startMs);
            while (select.Step())
            {
                try
                {
                    var state = select.Blob(1);
                    rows.Add((kind, select.Int64(0), startMs, WindowAggregate.ReadFrom(ref state)));
                }
                catch (InvalidDataException error)
                {
                    onCorrupt(kind, select.Int64(0), error);
                }
            }

            select.Reset();
        }

        return Of(session, tier, rows, influx);
    }
}
