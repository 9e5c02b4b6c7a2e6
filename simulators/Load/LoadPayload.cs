using System.Buffers.Text;
using System.Text;

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

    /// <summary>So many messages of a run have a sequence number of their own.</summary>
    public const long Most = Seqs;

    // From here on all fields fit, and a larger payload differs by spaces only.
    private const int SizeOfAll = 200;

    private readonly PayloadSizes _sizes;
    private readonly Dictionary<int, byte[]> _payloads = [];
    private byte[] _payload = [];
    private int _size;

    public LoadPayload(PayloadSizes sizes) => _sizes = sizes;

    /// <summary>Number of the message in its run; null when it is no payload of a load run.</summary>
    public static long? Number(ReadOnlySpan<byte> payload) =>
        payload.Length >= MinimumSize && payload.StartsWith("{\"ts\":"u8) && payload[(SeqAt - 7)..].StartsWith(",\"seq\":"u8)
            && Utf8Parser.TryParse(payload.Slice(SeqAt, SeqDigits), out long seq, out var used) && used == SeqDigits && seq >= FirstSeq
            ? seq - FirstSeq
            : null;

    /// <summary>Makes a message; valid until the next call.</summary>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <param name="number">Number of the message in the run.</param>
    public ReadOnlyMemory<byte> Make(long nowMs, long number)
    {
        var size = _sizes.Of(number);
        if (size != _size) Choose(size);
        Write(TsAt, TsDigits, nowMs);
        Write(SeqAt, SeqDigits, FirstSeq + (number % Seqs));
        return _payload.AsMemory(0, size);
    }

    private void Choose(int size)
    {
        if (_payload.Length > SizeOfAll) _payload[_size - 1] = (byte)' ';
        var length = size <= SizeOfAll ? size : _sizes.Largest;
        if (_payload.Length != length)
        {
            if (!_payloads.TryGetValue(length, out var payload)) _payloads.Add(length, payload = Build(length));
            _payload = payload;
        }

        _payload[size - 1] = (byte)'}';
        _size = size;
    }

    private static byte[] Build(int length)
    {
        var payload = new byte[length];
        Encoding.UTF8.GetBytes(Template).CopyTo(payload, 0);
        FillUp(payload.AsSpan(Template.Length));
        return payload;
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
