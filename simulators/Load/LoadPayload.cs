using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// The messages of one connection's devices: one JSON buffer whose time stamp is overwritten in place. A device's time stamps always grow,
/// so that none of its messages counts as a duplicate.
/// </summary>
internal sealed class LoadPayload
{
    /// <summary>Bytes of the smallest payload: time stamp and one value.</summary>
    public const int MinimumSize = 32;

    private const int DigitsAt = 6;
    private const int Digits = 13;
    private readonly byte[] _payload;
    private readonly byte[][] _topics;
    private readonly long[] _lastMs;
    private int _next;

    public LoadPayload(int size, int connection, int devices)
    {
        _payload = new byte[size];
        Encoding.UTF8.GetBytes("{\"ts\":1764000000000,\"pm25\":12.3").CopyTo(_payload, 0);
        if (size > MinimumSize) FillUp(_payload.AsSpan(MinimumSize - 1));
        _payload[^1] = (byte)'}';
        var units = Geography.Default.Units;
        _topics = new byte[devices][];
        for (var i = 0; i < devices; i++)
        {
            var unit = units[(connection + i) % units.Count];
            _topics[i] = Encoding.UTF8.GetBytes($"city/{unit.Region}/{unit.Code}/air/load-{connection:000}-{i:00000}");
        }

        _lastMs = new long[devices];
    }

    /// <summary>Topic of the message last made.</summary>
    public ReadOnlyMemory<byte> Topic => _topics[_next];

    /// <summary>Makes the next device's message; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Next(long nowMs)
    {
        _next = _next + 1 == _topics.Length ? 0 : _next + 1;
        var ms = Math.Max(_lastMs[_next] + 1, nowMs);
        _lastMs[_next] = ms;
        for (var i = DigitsAt + Digits - 1; i >= DigitsAt; i--)
        {
            _payload[i] = (byte)('0' + (ms % 10));
            ms /= 10;
        }

        return _payload;
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
