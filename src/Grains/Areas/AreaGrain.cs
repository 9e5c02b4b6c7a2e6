namespace SmartCity.Grains;

/// <inheritdoc cref="IAreaGrain"/>
/// <remarks>
/// A window of an area and the windows below it reach the store in one commit, so after a crash both or neither are there,
/// and merging what is below once is enough.
/// </remarks>
public sealed class AreaGrain(ITelemetryStore store, CommitBuffer commits, Geography geography) : Grain, IAreaGrain
{
    private readonly Dictionary<AreaWindowKey, Entry> _windows = [];

    /// <summary>Leaves only when the store has everything, unless the host shuts down: then the next start replays what no commit has.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (reason.ReasonCode == DeactivationReasonCode.ShuttingDown || _windows.Count == 0) return;
        await RollUp();
        await commits.WhenCommittedAsync(_windows.Values.Select(entry => entry.EmittedIn).DefaultIfEmpty().Max()).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask Absorb(IReadOnlyList<AreaContribution> contributions)
    {
        ArgumentNullException.ThrowIfNull(contributions);
        // Load everything first: what follows cannot fail half-way, so a caller may repeat a failed call.
        foreach (var contribution in contributions)
        {
            var key = new AreaWindowKey(contribution.Kind, contribution.Metric, contribution.StartMs);
            if (_windows.ContainsKey(key)) continue;
            var row = await store.LoadAreaWindowAsync(this.GetPrimaryKeyString(), key.Kind, key.Metric, key.StartMs);
            _windows[key] = new() { Aggregate = row?.Aggregate ?? new WindowAggregate(), Revision = row?.Revision ?? 0 };
        }

        foreach (var contribution in contributions)
        {
            var entry = _windows[new(contribution.Kind, contribution.Metric, contribution.StartMs)];
            entry.Aggregate.Merge(contribution.Aggregate);
            (entry.Delta ??= new()).Merge(contribution.Aggregate);
        }
    }

    /// <inheritdoc/>
    public async ValueTask RollUp()
    {
        var area = this.GetPrimaryKeyString();
        var up = new List<AreaContribution>();
        var stored = new List<AreaWindowKey>();
        foreach (var (key, entry) in _windows)
        {
            if (entry.Delta is null)
            {
                if (entry.EmittedIn <= commits.Committed) stored.Add(key);
                continue;
            }

            up.Add(new(key.Kind, key.Metric, key.StartMs, entry.Delta));
        }

        if (up.Count > 0 && geography.ParentOf(area) is { } parent) await GrainFactory.GetGrain<IAreaGrain>(parent).Absorb(up);

        // From here on nothing can fail: the parent has what it needs, and the rows go into the same commit.
        foreach (var key in stored) _windows.Remove(key);
        foreach (var contribution in up)
        {
            var entry = _windows[new(contribution.Kind, contribution.Metric, contribution.StartMs)];
            entry.Delta = null;
            entry.Revision++;
            entry.EmittedIn = commits.Current;
            commits.Add(new AreaWindow
            {
                Area = area,
                Kind = contribution.Kind,
                Metric = contribution.Metric,
                StartMs = contribution.StartMs,
                Aggregate = entry.Aggregate.Clone(),
                Revision = entry.Revision,
            });
        }
    }

    private sealed class Entry
    {
        public required WindowAggregate Aggregate { get; init; }

        /// <summary>What the area above has not seen yet; null when there is nothing.</summary>
        public WindowAggregate? Delta { get; set; }

        public int Revision { get; set; }

        public long EmittedIn { get; set; }
    }
}
