namespace SmartCity.Grains;

/// <summary>What the grains of this process hand over for the next commit. Filled by all shards, emptied by <see cref="WindowCloser"/>.</summary>
public sealed class CommitBuffer
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private StoreCommit _commit = new();
    private Dictionary<string, List<AreaContribution>> _contributions = [];
    private Dictionary<string, List<CoverageSample>> _coverage = [];
    private List<WindowDelta> _deltas = [];
    private long _current = 1;
    private long _committed;

    /// <summary>Number of the commit that is being filled; the first is 1.</summary>
    public long Current => Volatile.Read(ref _current);

    /// <summary>Number of the newest commit that is durable.</summary>
    public long Committed => Volatile.Read(ref _committed);

    /// <summary>True when the store merges areas and tiles: what windows add stays with them until the commit.</summary>
    internal bool KeepsDeltas { get; set; }

    /// <summary>Adds a device's window with what it adds to its unit and, by tile, to the coverage, and its new readings where they are kept.</summary>
    internal void Add(DeviceWindow window, WindowAggregate delta, List<(string Tile, CoverageSample Sample)>? coverage, ReadingBlock? readings)
    {
        lock (_lock)
        {
            _commit.Windows.Add(window);
            if (readings is not null) _commit.Readings.Add(readings);
            if (KeepsDeltas)
            {
                _deltas.Add(new(window, delta, coverage));
                return;
            }

            if (!_contributions.TryGetValue(window.Stream.Unit, out var list)) _contributions[window.Stream.Unit] = list = [];
            list.Add(new(window.Stream.Kind, window.Metric, window.StartMs, delta));
            if (coverage is null) return;
            foreach (var (tile, sample) in coverage)
            {
                if (!_coverage.TryGetValue(tile, out var samples)) _coverage[tile] = samples = [];
                samples.Add(sample);
            }
        }
    }

    public void Add(AreaWindow window)
    {
        lock (_lock) _commit.Areas.Add(window);
    }

    public void Add(CoverageTile tile)
    {
        lock (_lock) _commit.Tiles.Add(tile);
    }

    public void Add(DeadLetter deadLetter)
    {
        lock (_lock) _commit.DeadLetters.Add(deadLetter);
    }

    public void Add(string deviceId, LatestValue latest)
    {
        lock (_lock) _commit.Latest.Add((deviceId, latest));
    }

    internal IReadOnlyList<DeadLetter> PendingDeadLetters()
    {
        lock (_lock) return [.. _commit.DeadLetters];
    }

    /// <summary>What the windows handed over so far add to each unit; each contribution is given out once.</summary>
    internal Dictionary<string, List<AreaContribution>> TakeContributions()
    {
        lock (_lock)
        {
            var taken = _contributions;
            _contributions = [];
            return taken;
        }
    }

    /// <summary>What the windows handed over so far add to each coverage tile; each sample is given out once.</summary>
    internal Dictionary<string, List<CoverageSample>> TakeCoverage()
    {
        lock (_lock)
        {
            var taken = _coverage;
            _coverage = [];
            return taken;
        }
    }

    /// <summary>Ends the commit that is being filled and begins the next; with what its windows add to areas and tiles.</summary>
    internal (StoreCommit Commit, List<WindowDelta> Deltas) TakeWithDeltas()
    {
        lock (_lock)
        {
            var deltas = _deltas;
            _deltas = [];
            return (Take(), deltas);
        }
    }

    /// <summary>Ends the commit that is being filled and begins the next.</summary>
    internal StoreCommit Take()
    {
        lock (_lock)
        {
            var taken = _commit;
            _commit = new();
            _current++;
            return taken;
        }
    }

    /// <summary>Every commit taken so far is durable.</summary>
    internal void MarkCommitted()
    {
        lock (_lock)
        {
            Volatile.Write(ref _committed, _current - 1);
            while (_waiting.TryPeek(out var waiting, out var number) && number <= _committed)
            {
                _waiting.Dequeue();
                waiting.SetResult();
            }
        }
    }

    /// <summary>Completes when the commit of that number is durable.</summary>
    internal Task WhenCommittedAsync(long number)
    {
        lock (_lock)
        {
            if (number <= _committed) return Task.CompletedTask;
            var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiting, number);
            return waiting.Task;
        }
    }
}
