using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// The ways in which payloads are broken, each with the rejections that it must lead to. The reasons are those of docs/api.md; how many readings each rejects follows
/// from what is broken, and not from the platform's code.
/// </summary>
internal static class BrokenPayloads
{
    private const int TooManyMetrics = 513;
    private const int LargerThanAnyBroker = 300 * 1024;

    private static readonly (string Name, Action<FaultyMessage, PayloadDraft, SeededRandom> Break)[] s_ways =
    [
        ("truncated", static (m, d, r) => Whole(m, RejectReason.BadJson, 1, d.ToBytes()[..40])),
        ("empty", static (m, d, r) => Whole(m, RejectReason.BadJson, 1, [])),
        ("not-utf-8", static (m, d, r) => Whole(m, RejectReason.BadJson, 1, [.. "{\"ts\":"u8, 0xFF, 0xFE, .. "}"u8])),
        ("numbers", static (m, d, r) => Whole(m, RejectReason.BadJson, 2, [.. "[1,2]"u8])),
        ("trailing", static (m, d, r) => Whole(m, RejectReason.BadJson, 1, [.. d.ToBytes(), .. "x"u8])),
        ("nested", static (m, d, r) => Whole(m, RejectReason.BadJson, m.Kept.Count, With(d, "meta", "{\"vendor\":1}"))),
        ("seconds", static (m, d, r) => Whole(m, RejectReason.BadTimestamp, m.Kept.Count, With(d, "ts", (m.EventMs / 1000).ToString(System.Globalization.CultureInfo.InvariantCulture)))),
        ("local-time", static (m, d, r) => Whole(m, RejectReason.BadTimestamp, m.Kept.Count, With(d, "ts", "\"25/11/2026 06:00\""))),
        ("bad-seq", static (m, d, r) => Whole(m, RejectReason.BadField, m.Kept.Count, With(d, "seq", "1.5"))),
        ("bad-lat", static (m, d, r) => Whole(m, RejectReason.BadField, m.Kept.Count, With(d, "lat", "-91"))),
        ("no-metrics", static (m, d, r) => Whole(m, HasRequired(m) ? RejectReason.MissingField : RejectReason.NoMetrics, 1, Encoding.UTF8.GetBytes($"{{\"ts\":{m.EventMs},\"seq\":{m.Sequence}}}"))),
        ("nan", static (m, d, r) => One(m, d, r, RejectReason.NotFinite, "NaN")),
        ("text", static (m, d, r) => One(m, d, r, RejectReason.NotNumeric, "\"12,3\"")),
        ("bad-name", static (m, d, r) => Beside(m, d, RejectReason.BadMetric, "pm 2.5", "1")),
        ("twice", static (m, d, r) => Beside(m, d, RejectReason.BadField, m.Kept[0].Metric, d.Fields.First(f => f.Name == m.Kept[0].Metric).Raw)),
    ];

    /// <summary>Breaks a payload in one of the ways.</summary>
    public static void Malform(FaultyMessage message, PayloadDraft draft, SeededRandom random)
    {
        var kind = message.Stream.Split('/')[3];
        var required = KindCatalog.Find(kind)?.Required ?? [];
        var way = random.Below(s_ways.Length + (required.Count > 0 ? 3 : 0));
        if (way >= s_ways.Length)
        {
            // Without a field that the kind requires, the whole object is refused.
            draft.Remove("ncgi");
            message.Faults.Add("malformed:missing-field");
            Whole(message, RejectReason.MissingField, message.Kept.Count, draft.ToBytes());
            return;
        }

        var (name, breakIt) = s_ways[way];

        message.Faults.Add("malformed:" + name);
        breakIt(message, draft, random);
    }

    /// <summary>Makes one value absurd: half of the time beyond its range, else at its edge.</summary>
    public static void Spike(FaultyMessage message, PayloadDraft draft, SeededRandom random)
    {
        var kind = KindCatalog.Find(message.Stream.Split('/')[3]);
        var candidates = message.Kept.Where(k => kind?.FindMetric(k.Metric) is { } info && double.IsFinite(info.Max) && !kind.Required.Contains(k.Metric)).ToList();
        var beyond = random.NextDouble() < 0.5;
        var which = random.NextDouble();
        if (candidates.Count == 0) return;
        var metric = candidates[(int)(which * candidates.Count)].Metric;
        var max = kind!.FindMetric(metric)!.Max;
        draft.Set(metric, beyond ? max + 1 : max);
        if (beyond)
        {
            message.Faults.Add("spike:out-of-range");
            message.Rejected["out-of-range"] = 1;
            message.Kept.RemoveAll(k => k.Metric == metric);
        }
        else
        {
            message.Faults.Add("spike:edge");
            message.Kept[message.Kept.FindIndex(k => k.Metric == metric)] = (metric, max);
        }

        message.Payload = draft.ToBytes();
    }

    /// <summary>Makes an object with too many metrics, or a packet that is too large for the broker.</summary>
    public static void Oversize(FaultyMessage message, PayloadDraft draft, SeededRandom random)
    {
        if (random.NextDouble() < 0.5)
        {
            for (var i = 0; i < TooManyMetrics; i++) draft.Fields.Add((FormattableString.Invariant($"m{i}"), "1"));
            message.Faults.Add("oversized:metrics");
            Whole(message, RejectReason.BadJson, 1, draft.ToBytes());
            return;
        }

        message.Faults.Add("oversized:packet");
        message.Route = SendRoute.Oversized;
        draft.Set("note", $"\"{new string('x', LargerThanAnyBroker)}\"");
        message.Payload = draft.ToBytes();
    }

    /// <summary>Sends to a topic that is none of the platform's.</summary>
    public static void WrongTopic(FaultyMessage message, SeededRandom random)
    {
        var parts = message.Stream.Split('/');
        var device = parts[4];

        // Five levels that begin with city name a device, and its ledger has the rejection; the others are nobody's.
        var (name, topic, reason, ledgerDevice) = random.Below(5) switch
        {
            0 => ("unknown-unit", $"city/{parts[1]}/xx/{parts[3]}/{device}", RejectReason.UnknownUnit, device),
            1 => ("other-region", $"city/{(parts[1] == "bac" ? "nam" : "bac")}/{parts[2]}/{parts[3]}/{device}", RejectReason.UnknownUnit, device),
            2 => ("unknown-region", $"city/west/{parts[2]}/{parts[3]}/{device}", RejectReason.BadTopic, device),
            3 => ("missing-level", $"city/{parts[1]}/{parts[3]}/{device}", RejectReason.BadTopic, string.Empty),
            _ => ("bad-device", $"{message.Stream} {random.Below(10)}", RejectReason.BadTopic, string.Empty),
        };
        message.Faults.Add("wrong-topic:" + name);
        message.Topic = Encoding.UTF8.GetBytes(topic);
        message.LedgerDevice = ledgerDevice;
        message.Rejected[reason] = 1;
        message.Kept.Clear();
    }

    private static void Whole(FaultyMessage message, string reason, int readings, byte[] payload)
    {
        message.Rejected[reason] = Math.Max(1, readings);
        message.Kept.Clear();
        message.Payload = payload;
    }

    private static void One(FaultyMessage message, PayloadDraft draft, SeededRandom random, string reason, string raw)
    {
        var kind = KindCatalog.Find(message.Stream.Split('/')[3]);
        var candidates = message.Kept.Where(k => kind?.FindMetric(k.Metric) is not null && kind.Required.Contains(k.Metric) == false).ToList();
        var which = random.NextDouble();
        if (candidates.Count == 0) return;
        var metric = candidates[(int)(which * candidates.Count)].Metric;
        draft.Set(metric, raw);
        message.Rejected[reason] = 1;
        message.Kept.RemoveAll(k => k.Metric == metric);
        message.Payload = draft.ToBytes();
    }

    private static void Beside(FaultyMessage message, PayloadDraft draft, string reason, string name, string raw)
    {
        draft.Fields.Add((name, raw));
        message.Rejected[reason] = 1;
        message.Payload = draft.ToBytes();
    }

    /// <summary>True for a kind with required fields: where those are missing, that is the reason.</summary>
    private static bool HasRequired(FaultyMessage message) => KindCatalog.Find(message.Stream.Split('/')[3])?.Required.Count > 0;

    private static byte[] With(PayloadDraft draft, string name, string raw)
    {
        draft.Set(name, raw);
        return draft.ToBytes();
    }
}
