namespace SmartCity.Mqtt;

/// <summary>
/// Topic aliases that the server gives on one connection (§3.3.2.3.4). The first topic that falls on an alias keeps it for the life of the connection:
/// replacing would cost more bytes and memory than it saves when topics alternate.
/// </summary>
internal sealed class OutboundAliases(ushort maximum)
{
    /// <summary>An alias takes three bytes; a shorter topic gains nothing.</summary>
    private const int WorthFrom = 4;

    private readonly byte[]?[] _topics = new byte[maximum][];

    /// <summary>The topic's alias, or 0.</summary>
    /// <param name="known">True when the client knows it: the topic may be left out.</param>
    public ushort Find(ReadOnlySpan<byte> topic, out bool known)
    {
        known = false;
        if (topic.Length < WorthFrom) return 0;
        var hash = new HashCode();
        hash.AddBytes(topic);
        var slot = (uint)hash.ToHashCode() % (uint)_topics.Length;
        if (_topics[slot] is { } taken)
        {
            known = topic.SequenceEqual(taken);
            return known ? (ushort)(slot + 1) : (ushort)0;
        }

        return (ushort)(slot + 1);
    }

    /// <summary>The packet that defines the alias is written.</summary>
    public void Define(ushort alias, ReadOnlySpan<byte> topic) => _topics[alias - 1] = topic.ToArray();
}
