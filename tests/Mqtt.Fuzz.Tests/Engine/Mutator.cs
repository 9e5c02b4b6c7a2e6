namespace SmartCity.Mqtt.Fuzz;

/// <summary>Makes inputs of corpus packets. The same seed gives the same inputs.</summary>
internal sealed class Mutator(int seed, byte[][] corpus)
{
    /// <summary>Bytes at which integers, lengths and text turn.</summary>
    private static readonly byte[] s_turning = [0x00, 0x01, 0x02, 0x7F, 0x80, 0x81, 0xFE, 0xFF, (byte)'+', (byte)'#', (byte)'/', (byte)'$', 0x0B, 0x23, 0x26, 0xC0, 0xED];

    private readonly Random _random = new(seed);

    public Random Random => _random;

    /// <summary>One to four packets, each as it is or changed in up to four ways.</summary>
    public byte[] Next()
    {
        var input = new List<byte>();
        for (var packets = _random.Next(1, 5); packets > 0; packets--) input.AddRange(NextPacket());
        if (_random.Next(8) == 0) input.RemoveRange(_random.Next(input.Count), 1);
        if (_random.Next(6) == 0) input = input[..^_random.Next(Math.Min(input.Count, 8))];
        return [.. input];
    }

    public byte[] NextPacket()
    {
        var packet = corpus[_random.Next(corpus.Length)].ToList();
        for (var changes = _random.Next(5); changes > 0; changes--) Change(packet);

        // Most changed packets get a remaining length that fits, or the parser would see little beyond the first byte.
        return _random.Next(4) == 0 ? [.. packet] : Fitted(packet);
    }

    private void Change(List<byte> packet)
    {
        if (packet.Count < 2) return;
        var at = _random.Next(packet.Count);
        var count = _random.Next(1, Math.Min(9, packet.Count - at + 1));
        switch (_random.Next(9))
        {
            case 0:
                packet[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                packet[at] = s_turning[_random.Next(s_turning.Length)];
                break;
            case 2:
                packet.Insert(at, s_turning[_random.Next(s_turning.Length)]);
                break;
            case 3 when packet.Count > count + 2:
                packet.RemoveRange(at, count);
                break;
            case 4:
                packet.InsertRange(at, packet.GetRange(at, count));
                break;
            case 5: // splice
                var other = corpus[_random.Next(corpus.Length)];
                var from = _random.Next(other.Length);
                packet.InsertRange(at, other[from..Math.Min(other.Length, from + _random.Next(1, 24))]);
                break;
            case 6: // a two-byte length or integer lies
                if (at + 1 < packet.Count) (packet[at], packet[at + 1]) = ((byte)_random.Next(3), (byte)_random.Next(256));
                break;
            case 7:
                var target = _random.Next(packet.Count);
                (packet[at], packet[target]) = (packet[target], packet[at]);
                break;
            default:
                packet.AddRange(Enumerable.Range(0, count).Select(_ => (byte)_random.Next(256)));
                break;
        }
    }

    private static byte[] Fitted(List<byte> packet)
    {
        var start = 1;
        while (start < Math.Min(packet.Count, 5) && (packet[start] & 0x80) != 0) start++;
        var body = packet.Skip(Math.Min(start + 1, packet.Count)).ToArray();
        Span<byte> length = stackalloc byte[4];
        var written = VarInt.Write(length, (uint)body.Length);
        return [packet[0], .. length[..written], .. body];
    }
}
