using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Queries for the ledger.</summary>
internal static class LedgerReader
{
    private const string SelectAll =
        "SELECT l.hour, l.device, l.accepted, l.stored, l.duplicate, l.late FROM ledger l WHERE l.hour >= ?1 AND l.hour < ?2";

    private const string RejectedAll =
        "SELECT r.hour, r.device, n.value, r.readings FROM rejected r CROSS JOIN name n WHERE r.hour >= ?1 AND r.hour < ?2 AND n.id = r.reason";

    // One device: step from hour to hour over the (hour, device) key instead of reading every device of every hour.
    private const string HoursOfLedger =
        "WITH RECURSIVE h(v) AS (SELECT min(hour) FROM ledger WHERE hour >= ?1 AND hour < ?2 UNION ALL "
        + "SELECT (SELECT min(hour) FROM ledger WHERE hour > h.v AND hour < ?2) FROM h WHERE h.v IS NOT NULL) ";

    private const string HoursOfRejected =
        "WITH RECURSIVE h(v) AS (SELECT min(hour) FROM rejected WHERE hour >= ?1 AND hour < ?2 UNION ALL "
        + "SELECT (SELECT min(hour) FROM rejected WHERE hour > h.v AND hour < ?2) FROM h WHERE h.v IS NOT NULL) ";

    private const string SelectOne = HoursOfLedger
        + "SELECT l.hour, l.device, l.accepted, l.stored, l.duplicate, l.late FROM h CROSS JOIN ledger l "
        + "WHERE l.hour = h.v AND l.device = (SELECT id FROM name WHERE value = ?3)";

    private const string RejectedOne = HoursOfRejected
        + "SELECT r.hour, r.device, n.value, r.readings FROM h CROSS JOIN rejected r CROSS JOIN name n "
        + "WHERE r.hour = h.v AND r.device = (SELECT id FROM name WHERE value = ?3) AND n.id = r.reason";

    private static readonly Dictionary<string, long> NothingRejected = [];

    public static IReadOnlyList<LedgerRow> Ledger(SqliteSession session, long fromMs, long toMs, string? deviceId)
    {
        var rejected = new Dictionary<(long Hour, long Device), Dictionary<string, long>>();
        var select = Bind(session[deviceId is null ? RejectedAll : RejectedOne], fromMs, toMs, deviceId);
        while (select.Step())
        {
            var key = (select.Int64(0), select.Int64(1));
            if (!rejected.TryGetValue(key, out var reasons)) rejected.Add(key, reasons = new(StringComparer.Ordinal));
            reasons[select.Text(2)] = select.Int64(3);
        }

        select.Reset();
        var names = new Dictionary<long, string>();
        var rows = new List<LedgerRow>();
        select = Bind(session[deviceId is null ? SelectAll : SelectOne], fromMs, toMs, deviceId);
        while (select.Step())
        {
            var (hour, device) = (select.Int64(0), select.Int64(1));
            var reasons = rejected.Remove((hour, device), out var found) ? found : NothingRejected;
            rows.Add(new(Name(session, names, device), hour, select.Int64(2), select.Int64(3), select.Int64(4), select.Int64(5), reasons));
        }

        select.Reset();
        foreach (var ((hour, device), reasons) in rejected) rows.Add(new(Name(session, names, device), hour, 0, 0, 0, 0, reasons));
        rows.Sort(static (a, b) => a.HourMs != b.HourMs ? a.HourMs.CompareTo(b.HourMs) : string.CompareOrdinal(a.DeviceId, b.DeviceId));
        return rows;
    }

    private static Statement Bind(Statement statement, long fromMs, long toMs, string? deviceId)
    {
        statement.Bind(1, fromMs).Bind(2, toMs);
        return deviceId is null ? statement : statement.Bind(3, deviceId);
    }

    private static string Name(SqliteSession session, Dictionary<long, string> known, long id)
    {
        if (known.TryGetValue(id, out var name)) return name;
        var select = session["SELECT value FROM name WHERE id = ?"].Bind(1, id);
        select.Step();
        name = select.Text(0);
        select.Reset();
        known.Add(id, name);
        return name;
    }
}
