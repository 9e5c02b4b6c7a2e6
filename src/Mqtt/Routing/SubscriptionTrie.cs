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

    /// <summary>Adds or replaces; true when the session had this filter already. A shared filter must be valid.</summary>
    public bool Add(Subscriber subscriber)
    {
        SharedFilter.TrySplit(subscriber.Options.Filter, out var group, out var filter);
        lock (_gate)
        {
            var node = _root;
            foreach (var level in filter.Split('/')) node = node.Child(level);
            var replaced = node.Add(subscriber, group);
            if (!replaced) _count++;
            _version++;
            return replaced;
        }
    }

    /// <summary>Removes; false when there was none.</summary>
    public bool Remove(MqttSession session, string filter)
    {
        SharedFilter.TrySplit(filter, out var group, out var inner);
        lock (_gate)
        {
            var node = _root;
            foreach (var level in inner.Split('/'))
            {
                if (!node.Children.TryGetValue(level, out node!)) return false;
            }

            if (!node.Remove(session, group)) return false;
            node.Prune();
            _count--;
            _version++;
            return true;
        }
    }

    /// <summary>The group of a shared filter; null when it has no member.</summary>
    public SharedGroup? FindGroup(string filter)
    {
        SharedFilter.TrySplit(filter, out var group, out var inner);
        lock (_gate)
        {
            var node = _root;
            foreach (var level in inner.Split('/'))
            {
                if (!node.Children.TryGetValue(level, out node!)) return null;
            }

            return node.Groups?.GetValueOrDefault(group);
        }
    }

    /// <summary>The sessions that get messages of a valid topic name.</summary>
    public RouteTarget[] Match(ReadOnlySpan<byte> topic)
    {
        var pooled = ArrayPool<char>.Shared.Rent(topic.Length);
        try
        {
            var length = Encoding.UTF8.GetChars(topic, pooled);
            var targets = new Targets();
            lock (_gate)
            {
                Match(_root, pooled.AsSpan(0, length), first: true, targets);
            }

            return targets.ToArray();
        }
        finally
        {
            ArrayPool<char>.Shared.Return(pooled);
        }
    }

    // Recursion is bounded by MqttLimits.MaxTopicDepth.
    private static void Match(Node node, ReadOnlySpan<char> rest, bool first, Targets targets)
    {
        var slash = rest.IndexOf('/');
        var level = slash < 0 ? rest : rest[..slash];

        // A wildcard in the first level does not match $-topics (MQTT-4.7.2-1).
        var wildcards = !(first && level.StartsWith('$'));
        if (wildcards && node.Children.TryGetValue("#", out var hash)) hash.Collect(targets);
        if (node.ChildrenBySpan.TryGetValue(level, out var exact)) Descend(exact, rest, slash, targets);
        if (wildcards && node.Children.TryGetValue("+", out var plus)) Descend(plus, rest, slash, targets);
    }

    private static void Descend(Node node, ReadOnlySpan<char> rest, int slash, Targets targets)
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

        /// <summary>Shared subscriptions by share name; null for none.</summary>
        public Dictionary<string, SharedGroup>? Groups { get; private set; }

        public bool Add(Subscriber subscriber, string group)
        {
            if (group.Length == 0)
            {
                var replaced = Subscribers.Remove(subscriber.Session);
                Subscribers.Add(subscriber.Session, subscriber);
                return replaced;
            }

            Groups ??= new(StringComparer.Ordinal);
            if (!Groups.TryGetValue(group, out var shared)) Groups.Add(group, shared = new(subscriber.Options.Filter));
            return shared.Add(subscriber);
        }

        public bool Remove(MqttSession session, string group)
        {
            if (group.Length == 0) return Subscribers.Remove(session);
            if (Groups is null || !Groups.TryGetValue(group, out var shared) || !shared.Remove(session)) return false;
            if (shared.IsEmpty) Groups.Remove(group);
            if (Groups.Count == 0) Groups = null;
            return true;
        }

        public void Collect(Targets targets)
        {
            foreach (var (session, subscriber) in Subscribers) targets.Add(session, subscriber);
            foreach (var group in Groups?.Values ?? Enumerable.Empty<SharedGroup>()) targets.Add(group);
        }

        /// <summary>Removes this node and the ones above that nobody needs any more.</summary>
        public void Prune()
        {
            for (var node = this; node._parent is { } parent && node.Children.Count == 0 && node.Subscribers.Count == 0 && node.Groups is null; node = parent)
            {
                parent.Children.Remove(node._level);
            }
        }
    }

    /// <summary>What one walk has found.</summary>
    private sealed class Targets
    {
        private readonly Dictionary<MqttSession, RouteTarget> _sessions = [];
        private readonly List<RouteTarget> _groups = [];

        public void Add(MqttSession session, Subscriber subscriber)
        {
            if (!_sessions.TryGetValue(session, out var target)) _sessions.Add(session, target = new(session));
            target.Add(subscriber);
        }

        public void Add(SharedGroup group) => _groups.Add(new(group));

        public RouteTarget[] ToArray() => _sessions.Count + _groups.Count == 0 ? [] : [.. _sessions.Values, .. _groups];
    }
}
