namespace SmartCity.Mqtt;

/// <summary>
/// Remembers, for one connection, which sessions get the messages of its last topics, so that a warm PUBLISH costs one hash instead of a walk
/// through the subscriptions. Direct-mapped and bounded: a collision only costs another walk. Used by the read loop alone.
/// </summary>
internal sealed class TopicCache
{
    private const int Slots = 256;
    private readonly Entry?[] _entries = new Entry?[Slots];

    public RouteTarget[] Match(SubscriptionTrie subscriptions, ReadOnlySpan<byte> topic)
    {
        var hash = new HashCode();
        hash.AddBytes(topic);
        ref var slot = ref _entries[hash.ToHashCode() & (Slots - 1)];
        var version = subscriptions.Version;
        if (slot is { } entry && entry.Version == version && topic.SequenceEqual(entry.Topic)) return entry.Targets;

        // The version is read before matching: a change in between makes the entry stale, never wrongly fresh.
        var targets = subscriptions.Match(topic);
        slot = new(version, topic.ToArray(), targets);
        return targets;
    }

    private sealed record Entry(long Version, byte[] Topic, RouteTarget[] Targets);
}
