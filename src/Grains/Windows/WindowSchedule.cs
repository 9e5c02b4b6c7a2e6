namespace SmartCity.Grains;

/// <summary>
/// Which grains have something to store, and when. One list per second instead of one timer per grain; each list remembers the oldest
/// intake log position that its grains still hold, which bounds what a restart must replay.
/// </summary>
public sealed class WindowSchedule
{
    /// <summary>A clock that is set back by less is waited for.</summary>
    private const long ClockStepMs = 2000;

    private readonly Lock _lock = new();
    private int _orphans;
    private int _clockSteps;
    private long _seenMs = long.MinValue;
    private readonly SortedDictionary<long, DueGrains> _bySecond = [];

    /// <summary>Asks for <see cref="IDeviceGrain.CloseWindows"/> at <paramref name="dueMs"/>.</summary>
    /// <param name="held">Oldest positions that the grain holds and no commit has.</param>
    /// <param name="nowMs">The time by which <paramref name="dueMs"/> was worked out.</param>
    internal void Add(long dueMs, in HeldPositions held, IDeviceGrain grain, long nowMs)
    {
        lock (_lock)
        {
            _seenMs = Math.Max(_seenMs, nowMs);
            var due = At(dueMs);
            due.Devices.Add(grain);
            due.Held.Add(held);
        }
    }

    /// <summary>Oldest position that any scheduled grain holds; <see cref="long.MaxValue"/> when none does.</summary>
    public long OldestPosition => OldestPositions().Of(0);

    /// <summary>Oldest position of each gateway that any scheduled grain holds.</summary>
    internal HeldPositions OldestPositions()
    {
        var oldest = default(HeldPositions);
        lock (_lock)
        {
            foreach (var due in _bySecond.Values) oldest.Add(due.Held);
        }

        return oldest;
    }

    /// <summary>Times that an activation went away with what it may have held. Where that can happen, gateways are told.</summary>
    internal int Orphans => Volatile.Read(ref _orphans);

    /// <summary>How often the clock was set back, and every grain asked at once: what was due by the old time would else wait until that comes again.</summary>
    internal int ClockSteps => Volatile.Read(ref _clockSteps);

    internal void ReportOrphan() => Interlocked.Increment(ref _orphans);

    /// <summary>Every device grain that is scheduled, for questions about what is buffered.</summary>
    public IReadOnlyList<IDeviceGrain> ScheduledDevices()
    {
        lock (_lock) return _bySecond.Values.SelectMany(due => due.Devices).ToList();
    }

    /// <summary>Takes grains that are due, oldest first and at most <paramref name="most"/>; null when none is.</summary>
    internal DueGrains? TakeDue(long nowMs, int most)
    {
        lock (_lock)
        {
            if (nowMs < _seenMs - ClockStepMs) MakeAllDue(nowMs);
            _seenMs = nowMs;
            if (_bySecond.Count == 0) return null;
            var (second, due) = _bySecond.First();
            if (second * 1000 > nowMs) return null;
            if (due.Devices.Count <= most)
            {
                _bySecond.Remove(second);
                return due;
            }

            // What is left keeps its second, and with it the position that a restart must replay from.
            return due.Split(most);
        }
    }

    private void MakeAllDue(long nowMs)
    {
        var all = new DueGrains();
        foreach (var due in _bySecond.Values)
        {
            all.Devices.AddRange(due.Devices);
            all.Held.Add(due.Held);
        }

        _bySecond.Clear();
        if (all.Devices.Count > 0) _bySecond[nowMs / 1000] = all;
        Volatile.Write(ref _clockSteps, _clockSteps + 1);
    }

    private DueGrains At(long dueMs)
    {
        var second = (dueMs + 999) / 1000;
        if (!_bySecond.TryGetValue(second, out var due)) _bySecond[second] = due = new();
        return due;
    }
}
