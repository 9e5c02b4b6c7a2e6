namespace SmartCity.Gateway;

/// <summary>The rules of one client, filled in and sorted. Made once per connection, and again when rules change.</summary>
public sealed class TopicAccess
{
    private readonly TopicPattern[] _publish;
    private readonly TopicPattern[] _noPublish;
    private readonly TopicPattern[] _subscribe;
    private readonly TopicPattern[] _noSubscribe;
    private readonly TopicPattern[] _noFilter;
    private readonly bool _otherwise;
    private readonly byte[] _last = new byte[256];
    private int _lastLength = -1;

    /// <param name="rules">Those of the client's role.</param>
    /// <param name="otherwise">What holds where no rule says anything.</param>
    public TopicAccess(AccessPolicy policy, IEnumerable<AccessRule> rules, string? clientId, string? user, string? device, bool otherwise)
    {
        Policy = policy;
        _otherwise = otherwise;
        var filled = rules.Select(r => (Rule: r, Pattern: TopicPattern.Fill(r.Pattern, clientId, user, device, widen: r.Effect == RuleEffect.Deny)))
            .Where(f => f.Pattern is not null).ToLookup(f => (f.Rule.Effect, f.Rule.Action), f => f.Pattern!);
        _publish = [.. filled[(RuleEffect.Allow, RuleAction.Publish)]];
        _noPublish = [.. filled[(RuleEffect.Deny, RuleAction.Publish)]];
        _subscribe = [.. filled[(RuleEffect.Allow, RuleAction.Subscribe)]];
        _noSubscribe = [.. filled[(RuleEffect.Deny, RuleAction.Subscribe)]];
        _noFilter = [.. filled[(RuleEffect.Deny, RuleAction.Filter)]];
    }

    /// <summary>What it was made from; another one in force makes it stale.</summary>
    public AccessPolicy Policy { get; }

    /// <summary>When the last refused PUBLISH of this connection was written to the audit log, and how many were not since.</summary>
    internal AuditPace Pace { get; init; } = new();

    /// <summary>Whether the client may publish to a topic (UTF-8). One thread at a time. Allocates nothing.</summary>
    public bool CanPublish(ReadOnlySpan<byte> topic)
    {
        if (_otherwise && _noPublish.Length == 0) return true;

        // A device repeats itself: its last topic needs no second look.
        if (topic.Length == _lastLength && topic.SequenceEqual(_last.AsSpan(0, _lastLength))) return true;
        foreach (var pattern in _noPublish)
        {
            if (pattern.Matches(topic)) return false;
        }

        var isAllowed = _otherwise;
        foreach (var pattern in _publish)
        {
            if (isAllowed) break;
            isAllowed = pattern.Matches(topic);
        }

        if (!isAllowed || topic.Length > _last.Length) return isAllowed;
        topic.CopyTo(_last);
        _lastLength = topic.Length;
        return true;
    }

    /// <summary>Whether the client may have everything that a filter can match.</summary>
    public bool CanSubscribe(string filter) =>
        !_noSubscribe.Any(p => p.Meets(filter)) && !Hides(filter) && (_otherwise || _subscribe.Any(p => p.Covers(filter)));

    /// <summary>Whether a rule of its own refuses the filter: one that hides topics, and does not say why.</summary>
    public bool Hides(string filter) => _noFilter.Any(p => p.Covers(filter));
}
