using System.Buffers;
using System.Text;

namespace SmartCity.Mqtt;

/// <summary>All subscriptions, by levels of their filters. Matching costs the number of levels, not the number of subscriptions.</summary>
internal sealed class SubscriptionTrie
{
    private readonly Lock _gate = new();
    private readonly Node _root = new(null, "");
    private long _version;
    private int _count;

    /// <summary>Changes with every change of the subscriptions: what was matched under an equal version is still right.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Number of subscriptions; 0 lets a PUBLISH skip routing.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds or replaces; true when the session had this filter already.</summary>
    public bool Add(Subscriber subscriber)
    {
        lock (_gate)
        {
            var node = _root;
            foreach (var level in subscriber.Options.Filter.Split('/')) node = node.Child(level);
            var replaced = node.Subscribers.Remove(subscriber.Session);
            node.Subscribers.Add(subscriber.Session, subscriber);
            if (!replaced) _count++;
            _version++;
            return replaced;
        }
    }

    /// <summary>Removes; false when there was none.</summary>
    public bool Remove(MqttSession session, string filter)
    {
        lock (_gate)
        {
            var node = _root;
            foreach (var level in filter.Split('/'))
            {
                if (!node.Children.TryGetValue(level, out node!)) return false;
            }

            if (!node.Subscribers.Remove(session)) return false;
            node.Prune();
            _count--;
            _version++;
            return true;
        }
    }

    /// <summary>The sessions that get messages of a valid topic name.</summary>
    public RouteTarget[] Match(ReadOnlySpan<byte> topic)
    {
        var pooled = ArrayPool<char>.Shared.Rent(topic.Length);
        try
        {
            var length = Encoding.UTF8.GetChars(topic, pooled);
            var targets = new Dictionary<MqttSession, RouteTarget>();
            lock (_gate)
            {
                Match(_root, pooled.AsSpan(0, length), first: true, targets);
            }

            return targets.Count == 0 ? [] : [.. targets.Values];
        }
        finally
        {
            ArrayPool<char>.Shared.Return(pooled);
        }
    }

    // Recursion is bounded by MqttLimits.MaxTopicDepth.
    private static void Match(Node node, ReadOnlySpan<char> rest, bool first, Dictionary<MqttSession, RouteTarget> targets)
    {
        var slash = rest.IndexOf('/');
        var level = slash < 0 ? rest : rest[..slash];

        // A wildcard in the first level does not match $-topics (MQTT-4.7.2-1).
        var wildcards = !(first && level.StartsWith('$'));
        if (wildcards && node.Children.TryGetValue("#", out var hash)) hash.Collect(targets);
        if (node.ChildrenBySpan.TryGetValue(level, out var exact)) Descend(exact, rest, slash, targets);
        if (wildcards && node.Children.TryGetValue("+", out var plus)) Descend(plus, rest, slash, targets);
    }

    private static void Descend(Node node, ReadOnlySpan<char> rest, int slash, Dictionary<MqttSession, RouteTarget> targets)
    {
        if (slash >= 0)
        {
            Match(node, rest[(slash + 1)..], first: false, targets);
            return;
        }

        node.Collect(targets);

        // "sport/#" also matches "sport" itself (§4.7.1.2).
        if (node.Children.TryGetValue("#", out var hash)) hash.Collect(targets);
    }

    private sealed class Node
    {
        private readonly Node? _parent;
        private readonly string _level;

        public Node(Node? parent, string level)
        {
            _parent = parent;
            _level = level;
            ChildrenBySpan = Children.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public Dictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>> ChildrenBySpan { get; }

        public Dictionary<MqttSession, Subscriber> Subscribers { get; } = [];

        public Node Child(string level)
        {
            if (Children.TryGetValue(level, out var child)) return child;
            child = new(this, level);
            Children.Add(level, child);
            return child;
        }

        public void Collect(Dictionary<MqttSession, RouteTarget> targets)
        {
            foreach (var (session, subscriber) in Subscribers)
            {
                if (!targets.TryGetValue(session, out var target)) targets.Add(session, target = new(session));
                target.Add(subscriber);
            }
        }

        /// <summary>Removes this node and the ones above that nobody needs any more.</summary>
        public void Prune()
        {
            for (var node = this; node._parent is { } parent && node.Children.Count == 0 && node.Subscribers.Count == 0; node = parent)
            {
                parent.Children.Remove(node._level);
            }
        }
    }
}
