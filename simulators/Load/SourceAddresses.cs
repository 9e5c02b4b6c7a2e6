using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SmartCity.Simulators;

/// <summary>Source addresses as people write them: <c>127.0.0.2-127.0.0.9</c>, or single ones separated by commas.</summary>
public static class SourceAddresses
{
    private const int Most = 4096;

    /// <exception cref="ArgumentException">No such list; the message says what was wrong and what is right.</exception>
    public static IReadOnlyList<IPAddress> Parse(string text)
    {
        var found = new List<IPAddress>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length == 1) found.Add(Address(ends[0]));
            else if (ends.Length == 2) AddRange(found, part, Address(ends[0]), Address(ends[1]));
            else throw Wrong(part);
        }

        return found.Count > 0 ? found : throw Wrong(text);
    }

    private static void AddRange(List<IPAddress> found, string part, IPAddress first, IPAddress last)
    {
        if (first.AddressFamily != AddressFamily.InterNetwork || last.AddressFamily != AddressFamily.InterNetwork) throw Wrong(part);
        long from = Number(first), to = Number(last);
        if (to < from) throw new ArgumentException($"--source {part} ends before it begins; write {last}-{first}.");
        if (to - from >= Most) throw new ArgumentException($"--source {part} has {to - from + 1} addresses; {Most} are the most.");
        Span<byte> bytes = stackalloc byte[4];
        for (var n = from; n <= to; n++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)n);
            found.Add(new(bytes));
        }
    }

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    // "127.1" is an address to IPAddress too, and hardly what was meant.
    private static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3) ? address : throw Wrong(text);

    private static ArgumentException Wrong(string text) => new($"--source: '{text}' is not an address; write 127.0.0.2-127.0.0.9, or single addresses separated by commas.");
}
