using System.Globalization;

namespace SmartCity.Grains;

/// <inheritdoc cref="ICoverageTileGrain"/>
/// <remarks>
/// Samples of many devices come in no particular order, so no position could tell which of them a stored row has. Instead, a row reaches the
/// store in the same commit as the device windows whose readings it counts: after a crash both or neither are there.
/// </remarks>
public sealed class CoverageTileGrain(ITelemetryStore store, CommitBuffer commits) : Grain, ICoverageTileGrain
{
    private readonly Dictionary<(long Day, string Metric), Entry> _entries = [];

    /// <summary>Leaves only when the store has everything, unless the host shuts down: then the next start replays what no commit has.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (reason.ReasonCode == DeactivationReasonCode.ShuttingDown || _entries.Count == 0) return;
        await RollUp();
        await commits.WhenCommittedAsync(_entries.Values.Select(entry => entry.EmittedIn).DefaultIfEmpty().Max()).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask Absorb(IReadOnlyList<CoverageSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        // Load everything first: what follows cannot fail half-way, so a caller may repeat a failed call.
        foreach (var sample in samples)
        {
            if (_entries.ContainsKey((sample.DayMs, sample.Metric))) continue;
            var (plmn, tile) = Identity();
            var row = await store.LoadTileAsync(plmn, sample.DayMs, tile, sample.Metric);
            _entries[(sample.DayMs, sample.Metric)] = new() { Histogram = row?.Histogram.Clone() ?? new(), AppliedThrough = row?.AppliedThrough ?? -1 };
        }

        foreach (var sample in samples)
        {
            var entry = _entries[(sample.DayMs, sample.Metric)];
            entry.Histogram.Add(sample.Bin);
            entry.AppliedThrough = Math.Max(entry.AppliedThrough, sample.Position);
            entry.Dirty = true;
        }
    }

    /// <inheritdoc/>
    public ValueTask RollUp()
    {
        var (plmn, tile) = Identity();
        foreach (var ((day, metric), entry) in _entries)
        {
            if (!entry.Dirty)
            {
                if (entry.EmittedIn <= commits.Committed) _entries.Remove((day, metric));
                continue;
            }

            entry.Dirty = false;
            entry.EmittedIn = commits.Current;
            commits.Add(new CoverageTile
            {
                Plmn = plmn,
                DayMs = day,
                Tile = tile,
                Metric = metric,
                Histogram = entry.Histogram.Clone(),
                AppliedThrough = entry.AppliedThrough,
            });
        }

        return default;
    }

    private (string Plmn, TileId Tile) Identity()
    {
        var parts = this.GetPrimaryKeyString().Split('/');
        return (parts[0], new(int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture), int.Parse(parts[3], CultureInfo.InvariantCulture)));
    }

    private sealed class Entry
    {
        public required GridHistogram Histogram { get; init; }

        public required long AppliedThrough { get; set; }

        public bool Dirty { get; set; }

        public long EmittedIn { get; set; }
    }
}
