namespace Orleans.Runtime;

/// <summary>What happens by the clock: the coarse clock itself, overdue calls, idle grains, memory that runs short, and shards that do not get on.</summary>
internal sealed class Upkeep : IDisposable
{
    private const int TickMs = 100;
    private const int ExpireEveryMs = 200;
    private const int HalveEveryMs = 10_000;
    private const int StuckAfterMs = 5000;
    private const int EndHeldUpEveryMs = 1000; // every call of the shard is looked at
    private const int SlotsPerTurn = 4096; // some 100 µs: other grains of the shard are served in between

    private readonly GrainRuntime _runtime;
    private readonly RuntimeLog _log;
    private readonly ITimer _timer;
    private readonly long _startedAt;
    private readonly ShardState[] _states;
    private readonly MemoryPressure _pressure;
    private long _nowMs;
    private long _nextCollectionMs;
    private long _nextHalvingMs = HalveEveryMs;
    private int _ticking;

    public Upkeep(GrainRuntime runtime, RuntimeLog log)
    {
        (_runtime, _log) = (runtime, log);
        _startedAt = runtime.Clock.GetTimestamp();
        _states = [.. runtime.Shards.Select(s => new ShardState(s))];
        _pressure = new(runtime.Collection, MemoryPressure.LoadOfProcess);
        _nextCollectionMs = (long)runtime.Collection.CollectionQuantum.TotalMilliseconds;
        _timer = runtime.Clock.CreateTimer(static state => ((Upkeep)state!).Tick(), this, TimeSpan.FromMilliseconds(TickMs), TimeSpan.FromMilliseconds(TickMs));
    }

    /// <summary>Milliseconds since the start, a tenth of a second old at most.</summary>
    public long NowMs => Volatile.Read(ref _nowMs);

    public void Dispose() => _timer.Dispose();

    /// <summary>Lets every grain leave, round after round, until none is left.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        _timer.Dispose();
        while (true)
        {
            var left = await Task.WhenAll(_runtime.Shards.Select(DrainOnceAsync));
            if (left.All(n => n == 0)) return;
            if (cancellationToken.IsCancellationRequested)
            {
                _log.NotDrained(_runtime.Types.Sum(t => t.Live));
                return;
            }

            // Only grains whose calls still run are waited for; they have no event of their own for this.
            await Task.Delay(5, CancellationToken.None);
        }
    }

    private Task<int> DrainOnceAsync(Shard shard)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        shard.Enqueue(new ShardWork(() =>
        {
            var left = 0;
            foreach (var activation in _runtime.Types.SelectMany(Walk).Where(a => a.Shard == shard))
            {
                if (!activation.TryDrain()) left++;
            }

            done.SetResult(left);
        }));
        return done.Task;
    }

    private static IEnumerable<Activation> Walk(GrainTypeRuntime type)
    {
        for (var i = 0; i < type.Activations.SlotCount; i++)
        {
            foreach (var activation in At(type, i)) yield return activation;
        }
    }

    private static IReadOnlyList<Activation> At(GrainTypeRuntime type, int slot) =>
        type.Activations.At(slot) is not { } activation ? [] : activation.Workers is { } workers ? workers.Snapshot() : [activation];

    private void Tick()
    {
        if (Interlocked.Exchange(ref _ticking, 1) != 0) return; // the last tick is not through
        try
        {
            var now = (long)_runtime.Clock.GetElapsedTime(_startedAt).TotalMilliseconds;
            Volatile.Write(ref _nowMs, now);
            foreach (var state in _states) Look(state, now);
            if (now >= _nextHalvingMs)
            {
                _nextHalvingMs = now + HalveEveryMs;
                foreach (var shard in _runtime.Shards) shard.Hot.Halve();
            }

            if (now >= _nextCollectionMs)
            {
                _nextCollectionMs = now + (long)_runtime.Collection.CollectionQuantum.TotalMilliseconds;
                Collect(AgeOf, new(DeactivationReasonCode.ActivationIdle, "Nobody called it for its collection age."));
            }

            if (_pressure.Shed(now) is { } age)
            {
                _log.Shedding((int)_pressure.LastLoad, (int)_runtime.Collection.MemoryUsageLimitPercentage, (long)age.TotalSeconds);
                Collect(_ => age, new(DeactivationReasonCode.HighMemoryPressure, "The memory runs short."));
            }
        }
        catch (Exception exception)
        {
            _log.UpkeepFailed(exception);
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    private void Look(ShardState state, long now)
    {
        if (now - state.ExpiredMs >= ExpireEveryMs && Interlocked.Exchange(ref state.Expiring, 1) == 0)
        {
            state.ExpiredMs = now;
            state.Shard.Enqueue(new ShardWork(() => Expire(state)));
        }

        var turns = state.Shard.Turns;
        if (turns != state.Turns || state.Shard.Current is not { } current)
        {
            (state.Turns, state.SinceMs, state.Told) = (turns, now, false);
        }
        else if (now - state.SinceMs >= StuckAfterMs)
        {
            if (!state.Told) _log.Stuck(state.Shard.Index, (now - state.SinceMs) / 1000, current.Description);
            state.Told = true;
            if (now - state.EndedMs < EndHeldUpEveryMs) return;
            state.EndedMs = now;
            state.Shard.EndOverdue(now, _runtime.ResponseTimeoutMs);
        }
    }

    private void Expire(ShardState state)
    {
        Volatile.Write(ref state.Expiring, 0);
        var now = NowMs;
        var busy = state.Shard.Busy;
        for (var i = busy.Count - 1; i >= 0; i--)
        {
            if (i < busy.Count) busy[i].Expire(now); // it may leave the list, and the last takes its place
        }

        try
        {
            state.Shard.Deadlines.Expire(now);
        }
        catch (AggregateException exception)
        {
            // What grains registered with the tokens of their activations runs here; it must not take the shard's thread, and the process, with it.
            _log.UpkeepFailed(exception);
        }
    }

    private TimeSpan AgeOf(GrainTypeRuntime type) => _runtime.Collection.ClassSpecificCollectionAge.TryGetValue(type.FullName, out var age) ? age : _runtime.Collection.CollectionAge;

    private void Collect(Func<GrainTypeRuntime, TimeSpan> ageOf, DeactivationReason reason)
    {
        foreach (var type in _runtime.Types)
        {
            if (type.Live == 0) continue;
            var tenths = (int)Math.Min(int.MaxValue, ageOf(type).TotalMilliseconds / 100);
            foreach (var shard in _runtime.Shards) shard.Enqueue(new ShardWork(() => Collect(shard, type, tenths, reason, 0)));
        }
    }

    private void Collect(Shard shard, GrainTypeRuntime type, int ageTenths, DeactivationReason reason, int from)
    {
        var now = _runtime.NowTenths;
        var slots = type.Activations.SlotCount;
        var to = Math.Min(slots, from + SlotsPerTurn);
        for (var i = from; i < to; i++)
        {
            foreach (var activation in At(type, i))
            {
                if (activation.Shard == shard) activation.CollectIfIdle(now, ageTenths, reason);
            }
        }

        if (to < slots) shard.Enqueue(new ShardWork(() => Collect(shard, type, ageTenths, reason, to)));
    }

    private sealed class ShardState(Shard shard)
    {
        public int Expiring;

        public Shard Shard { get; } = shard;

        public long ExpiredMs { get; set; }

        public long Turns { get; set; }

        public long SinceMs { get; set; }

        public long EndedMs { get; set; }

        public bool Told { get; set; }
    }
}
