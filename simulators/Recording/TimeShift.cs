using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SmartCity.Simulators;

/// <summary>
/// Moves the <c>ts</c> of a JSON payload, a flat object or an array of them: Unix milliseconds stay a number, RFC 3339 keeps its zone and its digits.
/// Everything else stays as it is, byte for byte.
/// </summary>
public static class TimeShift
{
    // Room for the zone.
    private const double DayMs = 86_400_000;

    /// <summary>The payload with every <c>ts</c> moved by <paramref name="shiftMs"/> milliseconds.</summary>
    /// <param name="moved">How many there were; 0: the payload is the one that came, also when it is no JSON.</param>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> payload, long shiftMs, out int moved)
    {
        moved = 0;
        var values = Find(payload.Span);
        if (values.Count == 0) return payload;
        using var output = new MemoryStream(payload.Length + 8);
        var copied = 0;
        foreach (var (start, length) in values)
        {
            if (Move(payload.Span.Slice(start, length), shiftMs) is not { } text) continue;
            output.Write(payload.Span[copied..start]);
            output.Write(Encoding.UTF8.GetBytes(text));
            copied = start + length;
            moved++;
        }

        if (moved == 0) return payload;
        output.Write(payload.Span[copied..]);
        return output.ToArray();
    }

    private static List<(int Start, int Length)> Find(ReadOnlySpan<byte> payload)
    {
        var values = new List<(int, int)>();
        try
        {
            var reader = new Utf8JsonReader(payload);
            var level = -1;
            while (reader.Read())
            {
                // Objects at the top, or right inside the array at the top.
                if (level < 0) level = reader.TokenType == JsonTokenType.StartArray ? 2 : 1;
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != level || !reader.ValueTextEquals("ts"u8) || !reader.Read()) continue;
                if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String) values.Add(((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex)));
            }
        }
        catch (JsonException)
        {
            return [];
        }

        return values;
    }

    private static string? Move(ReadOnlySpan<byte> value, long shiftMs)
    {
        if (value[0] != '"')
        {
            if (Utf8Parser.TryParse(value, out long ms, out var used) && used == value.Length) return (ms + shiftMs).ToString(CultureInfo.InvariantCulture);
            return decimal.TryParse(Encoding.UTF8.GetString(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) && Math.Abs(exact) < long.MaxValue
                ? (exact + shiftMs).ToString(CultureInfo.InvariantCulture)
                : null;
        }

        var text = Encoding.UTF8.GetString(value[1..^1]);
        if (text.Length < 20 || text[4] != '-' || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)) return null;
        if (shiftMs < (DateTimeOffset.MinValue - time).TotalMilliseconds + DayMs || shiftMs > (DateTimeOffset.MaxValue - time).TotalMilliseconds - DayMs) return null;
        var digits = text[19] != '.' ? 0 : text.AsSpan(20).IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length - 20;
        var zone = text[(digits == 0 ? 19 : 20 + digits)..];
        if (zone.Length == 0) return null;
        var local = time.AddMilliseconds(shiftMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture);
        var fraction = digits == 0 ? "" : digits <= 7 ? local[19..(20 + digits)] : local[19..].PadRight(digits + 1, '0');
        return $"\"{local[..10]}{text[10]}{local[11..19]}{fraction}{zone}\"";
    }
}
