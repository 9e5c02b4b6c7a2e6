namespace SmartCity.Gateway;

/// <summary>The rules for one reader of the log, in their order: the first that matches a record counts. Used by one thread at a time.</summary>
internal sealed class MappingTable(IReadOnlyList<MappingRule> rules)
{
    private readonly CompiledMapping[] _rules = [.. rules.Select(r => new CompiledMapping(r))];

    /// <summary>The rule for a record; null for none.</summary>
    public CompiledMapping? Find(long sequence, ReadOnlySpan<byte> topic)
    {
        foreach (var rule in _rules)
        {
            if (sequence >= rule.Rule.From && sequence < rule.Rule.Until && rule.Matches(topic)) return rule;
        }

        return null;
    }
}
