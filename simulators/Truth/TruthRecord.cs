using System.Globalization;
using System.Text.Json;

namespace SmartCity.Simulators;

/// <summary>One message of the truth: what was sent, what was done to it, what became of it, and what the platform must make of it. One line of JSON.</summary>
public sealed record TruthRecord
{
    public required long Number { get; init; }

    /// <summary>Topic of the device that measured, <c>city/{region}/{unit}/{kind}/{device}</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>Unix milliseconds of the payload.</summary>
    public required long EventMs { get; init; }

    /// <summary>Sequence number of the payload: what makes a copy a duplicate.</summary>
    public required long Sequence { get; init; }

    /// <summary>Readings that must be kept once.</summary>
    public required IReadOnlyList<(string Metric, double Value)> Kept { get; init; }

    /// <summary>Readings that must be rejected each time the message arrives, by reason.</summary>
    public required IReadOnlyDictionary<string, int> Rejected { get; init; }

    /// <summary>Device of the ledger for rejections; empty when the topic names none.</summary>
    public required string LedgerDevice { get; init; }

    /// <summary>Causes: faults and scenarios.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Of a drive-test message: where it was measured; null for others.</summary>
    public TruthPlace? Place { get; init; }

    /// <summary>When the first try began; Unix milliseconds, 0 when there was none.</summary>
    public long SentMs { get; init; }

    /// <summary>When the acknowledgement came; 0 when none did.</summary>
    public long AcknowledgedMs { get; init; }

    public int Tries { get; init; }

    public required TruthOutcome Outcome { get; init; }

    /// <summary>Makes the record of a message whose fate is known.</summary>
    public static TruthRecord From(FaultyMessage message, TruthOutcome outcome, int tries, long sentMs, long acknowledgedMs) => new()
    {
        Number = message.Number,
        Stream = message.Stream,
        EventMs = message.EventMs,
        Sequence = message.Sequence,
        Kept = message.Kept,
        Rejected = message.Rejected,
        LedgerDevice = message.LedgerDevice,
        Faults = message.Faults,
        Place = message.Place,
        SentMs = sentMs,
        AcknowledgedMs = acknowledgedMs,
        Tries = tries,
        Outcome = outcome,
    };

    /// <summary>Writes one JSON object; short names, because there are millions.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("n", Number);
        json.WriteString("dev", Stream);
        json.WriteNumber("ts", EventMs);
        json.WriteNumber("seq", Sequence);
        if (Kept.Count > 0)
        {
            json.WriteStartObject("v");
            foreach (var (metric, value) in Kept) json.WriteNumber(metric, value);
            json.WriteEndObject();
        }

        if (Rejected.Count > 0)
        {
            json.WriteStartObject("rej");
            foreach (var (reason, readings) in Rejected) json.WriteNumber(reason, readings);
            json.WriteEndObject();
            json.WriteString("at", LedgerDevice);
        }

        if (Place is { } place)
        {
            json.WriteNumber("lat", place.Latitude);
            json.WriteNumber("lon", place.Longitude);
            json.WriteString("plmn", place.Plmn);
        }

        if (Faults.Count > 0)
        {
            json.WriteStartArray("f");
            foreach (var fault in Faults) json.WriteStringValue(fault);
            json.WriteEndArray();
        }

        json.WriteString("out", Outcome switch { TruthOutcome.Acknowledged => "acknowledged", TruthOutcome.Lost => "lost", TruthOutcome.Refused => "refused", _ => "unknown" });
        if (Tries > 0)
        {
            json.WriteNumber("tries", Tries);
            json.WriteNumber("sent", SentMs);
        }

        if (AcknowledgedMs > 0) json.WriteNumber("ack", AcknowledgedMs);
        json.WriteEndObject();
    }

    /// <exception cref="FormatException">The line is no record.</exception>
    public static TruthRecord Parse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var stream = root.GetProperty("dev").GetString()!;
            return new()
            {
                Number = root.GetProperty("n").GetInt64(),
                Stream = stream,
                EventMs = root.GetProperty("ts").GetInt64(),
                Sequence = root.GetProperty("seq").GetInt64(),
                Kept = root.TryGetProperty("v", out var kept) ? [.. kept.EnumerateObject().Select(p => (p.Name, p.Value.GetDouble()))] : [],
                Rejected = root.TryGetProperty("rej", out var rejected) ? rejected.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32()) : [],
                LedgerDevice = root.TryGetProperty("at", out var at) ? at.GetString()! : stream[(stream.LastIndexOf('/') + 1)..],
                Faults = root.TryGetProperty("f", out var faults) ? [.. faults.EnumerateArray().Select(f => f.GetString()!)] : [],
                Place = root.TryGetProperty("plmn", out var plmn) ? new(root.GetProperty("lat").GetDouble(), root.GetProperty("lon").GetDouble(), plmn.GetString()!) : null,
                SentMs = root.TryGetProperty("sent", out var sent) ? sent.GetInt64() : 0,
                AcknowledgedMs = root.TryGetProperty("ack", out var ack) ? ack.GetInt64() : 0,
                Tries = root.TryGetProperty("tries", out var tries) ? tries.GetInt32() : 0,
                Outcome = Enum.Parse<TruthOutcome>(root.GetProperty("out").GetString()!, ignoreCase: true),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"no record of a truth ({e.Message}): {line[..Math.Min(line.Length, 120)]}"));
        }
    }
}
