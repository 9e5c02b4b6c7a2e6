namespace SmartCity.Gateway;

/// <summary>
/// The mappings of this gateway. A rule counts from the record after the last one that was decoded when it was made, and to the one that was decoded when it was deleted; a replay of the log reads
/// every record by the rules of its time, so that it gives the same windows (docs/specs/014-mappings.md).
/// </summary>
public sealed class MappingService(IngestPump pump, GatewayOptions options, TimeProvider clock)
{
    private const int MostInForce = 256; // each is compared with every message
    private const int MostKept = 4096;
    private const long KeepEndedMs = 7 * 86_400_000L; // longer than any replay reaches back, also that of a backup of a few days
    private readonly MappingFile _file = new(options.MappingFile);
    private volatile IReadOnlyList<MappingRule> _rules = [];

    /// <summary>Rules that count for messages to come, oldest first; of several that match a message the first counts.</summary>
    public IReadOnlyList<MappingRule> InForce => [.. _rules.Where(r => r.IsInForce)];

    /// <summary>The same and those that records may still be read by again.</summary>
    internal IReadOnlyList<MappingRule> Kept => _rules;

    /// <summary>Reads what was kept, before the first record is decoded.</summary>
    /// <exception cref="StoreUnavailableException">The file is damaged or cannot be read.</exception>
    internal void Load()
    {
        _rules = _file.Read();
        pump.UseMappings(_rules);
    }

    /// <summary>Makes a rule. It counts for every message that is decoded from now on.</summary>
    /// <exception cref="ArgumentException">The draft cannot be used; the message says what would be right.</exception>
    /// <exception cref="IOException">The rule could not be written to the disk, and does not count.</exception>
    public Task<MappingRule> AddAsync(MappingDraft draft, CancellationToken cancellationToken)
    {
        Check(draft);
        return ChangeAsync<MappingRule>(
            next =>
            {
                if (InForce.Count >= MostInForce) throw new ArgumentException($"There are {MostInForce} mappings; delete one first.");
                var rule = Rule("m" + (_rules.Select(r => int.Parse(r.Id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)).DefaultIfEmpty().Max() + 1), draft, next);
                return ([.. _rules, rule], rule);
            },
            cancellationToken);
    }

    /// <summary>Puts another rule in the place of one, under its name; null when there is none of that name.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public Task<MappingRule?> ReplaceAsync(string id, MappingDraft draft, CancellationToken cancellationToken)
    {
        Check(draft);
        return ChangeAsync<MappingRule?>(
            next =>
            {
                if (!_rules.Any(r => r.Id == id && r.IsInForce)) return (_rules, null);
                var rule = Rule(id, draft, next);
                // The new one in the place of the old one: the order decides which counts.
                return ([.. _rules.SelectMany(r => r.Id == id && r.IsInForce ? (MappingRule[])[End(r, next), rule] : [r])], rule);
            },
            cancellationToken);
    }

    /// <summary>Ends a rule; false when there is none of that name.</summary>
    /// <exception cref="IOException">It could not be written to the disk, and the rule goes on.</exception>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) => ChangeAsync<bool>(
        next => _rules.Any(r => r.Id == id && r.IsInForce) ? ([.. _rules.Select(r => r.Id == id && r.IsInForce ? End(r, next) : r)], true) : (_rules, false), cancellationToken);

    private static void Check(MappingDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (draft.Validate() is { } problem) throw new ArgumentException(problem);
    }

    private Task<T> ChangeAsync<T>(Func<long, (IReadOnlyList<MappingRule> Rules, T Result)> change, CancellationToken cancellationToken) => pump.BetweenRecordsAsync(
        next =>
        {
            var (rules, result) = change(next);
            if (ReferenceEquals(rules, _rules)) return result;
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            IReadOnlyList<MappingRule> kept = [.. rules.Where(r => r.EndedMs is not { } ended || now - ended < KeepEndedMs || r.Until > pump.StoredThrough)];
            _file.Write(kept); // before it counts: a crash must not forget by which rule a record was read
            _rules = kept;
            pump.UseMappings(kept);
            return result;
        },
        cancellationToken);

    private MappingRule Rule(string id, MappingDraft draft, long next) => _rules.Count >= MostKept
        ? throw new ArgumentException($"The mappings were changed {MostKept} times within a week, and each is kept so long because messages may be read again; change them less often.")
        : new(id, draft.Filter!, draft.To, draft.Rename is { Count: > 0 } rename ? rename : null, next, long.MaxValue, clock.GetUtcNow().ToUnixTimeMilliseconds());

    private MappingRule End(MappingRule rule, long next) => rule with { Until = next, EndedMs = clock.GetUtcNow().ToUnixTimeMilliseconds() };
}
