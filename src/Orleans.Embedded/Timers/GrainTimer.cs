namespace Orleans.Runtime;

/// <summary>One timer: fires on the clock's thread, runs as a turn of its grain, and is armed again when that turn has ended.</summary>
internal sealed class GrainTimer : IGrainTimer
{
    private static readonly GrainMethod s_tick = new("IGrainTimer", "Tick");
    private static readonly GrainMethod s_interleavingTick = new("IGrainTimer", "Tick", GrainMethodOptions.AlwaysInterleave);

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(49); // what timers of .NET can do

    private readonly Lock _lock = new();
    private readonly Activation _grain;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private TimeSpan _period;
    private int _changes;
    private bool _disposed;

    public GrainTimer(Activation grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        // On another thread the timer would be added to the grain's list while a turn reads it.
        if (SynchronizationContext.Current is not GrainContext context || !ReferenceEquals(context.Grain, grain))
            throw new InvalidOperationException($"A timer of {grain} was started outside its turns. Start it in a method of the grain; not in Task.Run, nor behind ConfigureAwait(false).");
        Check(options.DueTime, "dueTime");
        Check(options.Period, "period");
        (_grain, _callback, _options, _period) = (grain, callback, options, options.Period);
        // The clock's thread must not carry the values of this caller.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = grain.Type.Runtime.Clock.CreateTimer(static state => ((GrainTimer)state!).Fire(), this, options.DueTime, Timeout.InfiniteTimeSpan);
        }

        grain.Extras.Add(this);
    }

    private bool IsDisposed
    {
        get
        {
            lock (_lock) return _disposed;
        }
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _period = period;
            _changes++;
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
        }

        _timer.Dispose();
        try
        {
            _stopping.Cancel();
        }
        catch (AggregateException exception)
        {
            // What the callback registered; a grain that leaves must not be stopped half-way by it.
            _grain.Type.Runtime.OnTimerStopFailed(_grain, exception);
        }

        // A timer may be disposed from anywhere, but the list belongs to the grain.
        if (_grain.Shard.IsCurrent) _grain.Extras.Remove(this);
        else _grain.Post(static state => ((GrainTimer)state!)._grain.Extras.Remove((GrainTimer)state), this);
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan && (time < TimeSpan.Zero || time > s_longest))
            throw new ArgumentOutOfRangeException(name, time, $"A timer's {name} is a time from zero to {s_longest}, or Timeout.InfiniteTimeSpan for never.");
    }

    private void Fire()
    {
        if (!IsDisposed) new Tick(this).SendOneWay(_grain);
    }

    private async ValueTask RunAsync()
    {
        if (IsDisposed) return;
        var changes = _changes;
        try
        {
            await _callback(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Told to stop, and stopped.
        }
        catch (Exception exception)
        {
            _grain.Type.Runtime.OnTimerFailed(_grain, exception);
        }

        lock (_lock)
        {
            // Changed during the tick: then that counts, not the period.
            if (!_disposed && _changes == changes) _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Tick(GrainTimer timer) : GrainCall
    {
        public override GrainMethod Method => timer._options.Interleave ? s_interleavingTick : s_tick;

        internal override bool DiesWithActivation => true;

        internal override bool IsBackground => !timer._options.KeepAlive;

        protected override ValueTask InvokeOn(object grain) => timer.RunAsync();

        protected override void Recycle()
        {
            // Nobody pools it.
        }
    }
}
