using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// The messages of one connection: one JSON buffer in which <c>ts</c> and <c>seq</c> are overwritten in place. No two messages of a device have both in
/// common, so none counts as a duplicate, whichever connection sends it.
/// </summary>
internal sealed class LoadPayload
{
    /// <summary>Bytes of the smallest payload: time stamp, sequence and one value.</summary>
    public const int MinimumSize = 50;

    private const string Template = "{\"ts\":1764000000000,\"seq\":1000000000,\"pm25\":12.3";
    private const int TsAt = 6;
    private const int TsDigits = 13;
    private const int SeqAt = 26;
    private const int SeqDigits = 10;

    // A sequence counts by its low 32 bits, and a JSON number has no leading zeros: ten digits from here to 2^32.
    private const long FirstSeq = 1_000_000_000;
    private const long Seqs = (1L << 32) - FirstSeq;

    private readonly byte[] _payload;

    public LoadPayload(int size)
    {
        _payload = new byte[size];
        Encoding.UTF8.GetBytes(Template).CopyTo(_payload, 0);
        FillUp(_payload.AsSpan(Template.Length));
        _payload[^1] = (byte)'}';
    }

    /// <summary>The topics of all keys, shared by all connections: <c>city/{region}/{unit}/air/load-{key}</c>.</summary>
    public static byte[][] Topics(int keys)
    {
        var units = Geography.Default.Units;
        var topics = new byte[keys][];
        for (var i = 0; i < keys; i++)
        {
            var unit = units[i % units.Count];
            topics[i] = Encoding.UTF8.GetBytes($"city/{unit.Region}/{unit.Code}/air/load-{i:00000}");
        }

        return topics;
    }

    /// <summary>Makes a message; valid until the next call.</summary>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <param name="number">Number of the message in the run.</param>
    public ReadOnlyMemory<byte> Make(long nowMs, long number)
    {
        Write(TsAt, TsDigits, nowMs);
        Write(SeqAt, SeqDigits, FirstSeq + (number % Seqs));
        return _payload;
    }

    private void Write(int at, int digits, long value)
    {
        for (var i = at + digits - 1; i >= at; i--)
        {
            var tenth = value / 10;
            _payload[i] = (byte)('0' + (value - (tenth * 10)));
            value = tenth;
        }
    }

    // Further metrics as long as they fit, then spaces, which JSON allows before the brace.
    private static void FillUp(Span<byte> rest)
    {
        rest.Fill((byte)' ');
        ReadOnlySpan<string> more = [",\"temp\":31.0", ",\"rh\":74.5", ",\"pm10\":31.2", ",\"no2\":21.4", ",\"so2\":7.1", ",\"o3\":40.2", ",\"co\":512.0", ",\"pm1\":8.8"];
        foreach (var field in more)
        {
            if (field.Length >= rest.Length) continue;
            Encoding.UTF8.GetBytes(field, rest);
            rest = rest[field.Length..];
        }
    }
}
