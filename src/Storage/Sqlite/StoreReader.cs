using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>The queries. Each runs on a read-only connection inside one read transaction.</summary>
internal static class StoreReader
{
    private const string WindowColumns = "w.late, w.duplicates, w.applied_through, w.revision, w.state, w.seen";

    private const string SelectWindow =
        "SELECT " + WindowColumns + " FROM device_window w WHERE w.id = ((SELECT id FROM window_start WHERE start = ?1) << 32) | "
        + "(SELECT id FROM series WHERE device = (SELECT id FROM name WHERE value = ?2) AND metric = (SELECT id FROM name WHERE value = ?3) "
        + "AND stream = (SELECT s.id FROM stream s WHERE s.region = (SELECT id FROM name WHERE value = ?4) "
        + "AND s.unit = (SELECT id FROM name WHERE value = ?5) AND s.kind = (SELECT id FROM name WHERE value = ?6)))";

    // CROSS JOIN fixes the order of the loops: per start one seek into series and one into the windows.
    private const string SelectWindows =
        "SELECT " + WindowColumns + ", t.start, s.stream FROM window_start t CROSS JOIN series s CROSS JOIN device_window w "
        + "WHERE t.start >= ?1 AND t.start < ?2 AND s.device = (SELECT id FROM name WHERE value = ?3) "
        + "AND s.metric = (SELECT id FROM name WHERE value = ?4) AND w.id = (t.id << 32) | s.id ORDER BY t.start, s.stream";

    private const string SelectStream =
        "SELECT r.value, u.value, k.value FROM stream s JOIN name r ON r.id = s.region JOIN name u ON u.id = s.unit JOIN name k ON k.id = s.kind "
        + "WHERE s.id = ?";

    private const string SelectAreaWindows =
        "SELECT t.start, w.revision, w.state FROM window_start t CROSS JOIN area_window w "
        + "WHERE t.start >= ?1 AND t.start < ?2 AND w.id = (t.id << 32) | (SELECT id FROM area_series "
        + "WHERE area = (SELECT id FROM name WHERE value = ?3) AND kind = (SELECT id FROM name WHERE value = ?4) "
        + "AND metric = (SELECT id FROM name WHERE value = ?5)) ORDER BY t.start";

    private const string SelectWindowsOfStart =
        "SELECT " + WindowColumns + ", d.value, m.value, s.stream FROM device_window w CROSS JOIN series s CROSS JOIN name d CROSS JOIN name m "
        + "WHERE w.id >= (SELECT id FROM window_start WHERE start = ?1) << 32 AND w.id < ((SELECT id FROM window_start WHERE start = ?1) + 1) << 32 "
        + "AND s.id = w.id & 4294967295 AND d.id = s.device AND m.id = s.metric";

    private const string SelectAreasOfStart =
        "SELECT a.value, k.value, m.value, w.revision, w.state FROM area_window w CROSS JOIN area_series s CROSS JOIN name a CROSS JOIN name k "
        + "CROSS JOIN name m WHERE w.id >= (SELECT id FROM window_start WHERE start = ?1) << 32 "
        + "AND w.id < ((SELECT id FROM window_start WHERE start = ?1) + 1) << 32 AND s.id = w.id & 4294967295 "
        + "AND a.id = s.area AND k.id = s.kind AND m.id = s.metric";

    private const string SelectDevices =
        "SELECT n.value, d.stream, d.registered, d.last_seen, d.latitude, d.longitude FROM device d JOIN name n ON n.id = d.id ORDER BY n.value";

    private const string SelectLatest =
        "SELECT k.value, m.value, l.event, l.value FROM latest l CROSS JOIN name k CROSS JOIN name m "
        + "WHERE l.device = (SELECT id FROM name WHERE value = ?) AND k.id = l.kind AND m.id = l.metric ORDER BY k.value, m.value";

    private const string SelectDeadLetters =
        "SELECT position, ordinal, arrival, topic, device, reason, detail, readings, payload, replayed FROM dead_letter";

    private const string NewestFirst = " ORDER BY position DESC, ordinal DESC LIMIT ?1";

    public static IReadOnlyList<DeviceRecord> Devices(SqliteSession session)
    {
        var rows = new List<DeviceRecord>();
        var streams = new Dictionary<long, StreamName>();
        var select = session[SelectDevices];
        while (select.Step())
        {
            rows.Add(new DeviceRecord
            {
                Id = select.Text(0),
                Stream = Stream(session, streams, select.Int64(1)),
                RegisteredMs = select.Int64(2),
                LastSeenMs = select.Int64(3),
                Latitude = select.Double(4),
                Longitude = select.Double(5),
            });
        }

        select.Reset();
        return rows;
    }

    public static IReadOnlyList<LatestValue> Latest(SqliteSession session, string deviceId)
    {
        var rows = new List<LatestValue>();
        var select = session[SelectLatest].Bind(1, deviceId);
        while (select.Step()) rows.Add(new(select.Text(0), select.Text(1), select.Int64(2), select.Double(3)));
        select.Reset();
        return rows;
    }

    public static DeviceWindow? Window(SqliteSession session, WindowKey key)
    {
        var select = session[SelectWindow].Bind(1, key.StartMs).Bind(2, key.DeviceId).Bind(3, key.Metric)
            .Bind(4, key.Stream.Region).Bind(5, key.Stream.Unit).Bind(6, key.Stream.Kind);
        var window = select.Step() ? ReadWindow(select, key.DeviceId, key.Stream, key.Metric, key.StartMs) : null;
        select.Reset();
        return window;
    }

    public static IReadOnlyList<DeviceWindow> Windows(SqliteSession session, string deviceId, string metric, long fromMs, long toMs)
    {
        var rows = new List<DeviceWindow>();
        var streams = new Dictionary<long, StreamName>();
        var select = session[SelectWindows].Bind(1, fromMs).Bind(2, toMs).Bind(3, deviceId).Bind(4, metric);
        while (select.Step()) rows.Add(ReadWindow(select, deviceId, Stream(session, streams, select.Int64(7)), metric, select.Int64(6)));
        select.Reset();
        return rows;
    }

    public static IReadOnlyList<SeriesRow> Rows(SqliteSession session, string deviceId, string metric, long fromMs, long toMs)
    {
        var rows = new List<SeriesRow>();
        var select = session[SelectWindows].Bind(1, fromMs).Bind(2, toMs).Bind(3, deviceId).Bind(4, metric);
        while (select.Step())
        {
            var state = select.Blob(4);
            rows.Add(SeriesRow.From(select.Int64(6), WindowAggregate.ReadFrom(ref state)));
        }

        select.Reset();
        return rows;
    }

    public static IReadOnlyList<AreaWindow> AreaWindows(SqliteSession session, string area, string kind, string metric, long fromMs, long toMs)
    {
        var rows = new List<AreaWindow>();
        var select = session[SelectAreaWindows].Bind(1, fromMs).Bind(2, toMs).Bind(3, area).Bind(4, kind).Bind(5, metric);
        while (select.Step()) rows.Add(ReadArea(area, kind, metric, select.Int64(0), select.Int32(1), select.Blob(2)));
        select.Reset();
        return rows;
    }

    public static AreaWindow? AreaWindow(SqliteSession session, string area, string kind, string metric, long startMs)
    {
        if (startMs == long.MaxValue) return null;
        var rows = AreaWindows(session, area, kind, metric, startMs, startMs + 1);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>Everything stored for one window start: what the outbox could not keep.</summary>
    public static (List<DeviceWindow> Windows, List<AreaWindow> Areas) OfStart(SqliteSession session, long startMs)
    {
        var windows = new List<DeviceWindow>();
        var streams = new Dictionary<long, StreamName>();
        var select = session[SelectWindowsOfStart].Bind(1, startMs);
        while (select.Step()) windows.Add(ReadWindow(select, select.Text(6), Stream(session, streams, select.Int64(8)), select.Text(7), startMs));
        select.Reset();
        var areas = new List<AreaWindow>();
        select = session[SelectAreasOfStart].Bind(1, startMs);
        while (select.Step()) areas.Add(ReadArea(select.Text(0), select.Text(1), select.Text(2), startMs, select.Int32(3), select.Blob(4)));
        select.Reset();
        return (windows, areas);
    }

    public static IReadOnlyList<DeadLetter> DeadLetters(SqliteSession session, string? deviceId, int limit)
    {
        var select = session[SelectDeadLetters + (deviceId is null ? "" : " WHERE device = ?2") + NewestFirst].Bind(1, limit);
        if (deviceId is not null) select.Bind(2, deviceId);
        return DeadLetters(select);
    }

    /// <summary>Those that were not taken in again yet.</summary>
    public static IReadOnlyList<DeadLetter> WaitingDeadLetters(SqliteSession session, string? deviceId, string? reason, int limit)
    {
        var select = session[SelectDeadLetters + " WHERE replayed IS NULL" + (deviceId is null ? "" : " AND device = ?2") + (reason is null ? "" : " AND reason = ?3") + NewestFirst].Bind(1, limit);
        if (deviceId is not null) select.Bind(2, deviceId);
        if (reason is not null) select.Bind(3, reason);
        return DeadLetters(select);
    }

    private static List<DeadLetter> DeadLetters(Statement select)
    {
        var rows = new List<DeadLetter>();
        while (select.Step())
        {
            rows.Add(new DeadLetter
            {
                Position = select.Int64(0),
                Ordinal = select.Int32(1),
                ArrivalMs = select.Int64(2),
                Topic = select.Text(3),
                DeviceId = select.Text(4),
                Reason = select.Text(5),
                Detail = select.Text(6),
                Readings = select.Int32(7),
                Payload = select.Blob(8).ToArray(),
                ReplayedMs = select.IsNull(9) ? null : select.Int64(9),
            });
        }

        select.Reset();
        return rows;
    }

    public static StoreMarks Marks(SqliteSession session) => new(
        session.Scalar("SELECT coalesce((SELECT value FROM mark WHERE name = 'checkpoint'), -1)"),
        session.Scalar("SELECT coalesce((SELECT value FROM mark WHERE name = 'accepted_through'), -1)"));

    private static DeviceWindow ReadWindow(Statement row, string deviceId, StreamName stream, string metric, long startMs)
    {
        var state = row.Blob(4);
        return new DeviceWindow
        {
            DeviceId = deviceId,
            Stream = stream,
            Metric = metric,
            StartMs = startMs,
            Aggregate = WindowAggregate.ReadFrom(ref state),
            Late = row.Int64(0),
            Duplicates = row.Int64(1),
            AppliedThrough = row.Int64(2),
            Revision = row.Int32(3),
            Seen = row.Blob(5).ToArray(),
        };
    }

    private static AreaWindow ReadArea(string area, string kind, string metric, long startMs, int revision, ReadOnlySpan<byte> state) => new()
    {
        Area = area,
        Kind = kind,
        Metric = metric,
        StartMs = startMs,
        Aggregate = WindowAggregate.ReadFrom(ref state),
        Revision = revision,
    };

    /// <summary>Names of a stream, each looked up once per answer.</summary>
    public static StreamName Stream(SqliteSession session, Dictionary<long, StreamName> known, long id)
    {
        if (known.TryGetValue(id, out var stream)) return stream;
        var select = session[SelectStream].Bind(1, id);
        select.Step();
        stream = new StreamName(select.Text(0), select.Text(1), select.Text(2));
        select.Reset();
        known.Add(id, stream);
        return stream;
    }
}
