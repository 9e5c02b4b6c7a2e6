namespace Orleans.Runtime;

/// <summary>One timer: fires on the clock's thread, runs as a turn of its grain, and is armed again when that turn has ended.</summary>
internal sealed class GrainTimer : IGrainTimer
{
    private static readonly GrainMethod s_tick = new("IGrainTimer", "Tick");
    private static readonly GrainMethod s_interleavingTick = new("IGrainTimer", "Tick", GrainMethodOptions.AlwaysInterleave);

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
        (_grain, _callback, _options, _period) = (grain, callback, options, options.Period);
        grain.Extras.Add(this);
        // The clock's thread must not carry the values of this caller.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = grain.Type.Runtime.Clock.CreateTimer(static state => ((GrainTimer)state!).Fire(), this, options.DueTime, Timeout.InfiniteTimeSpan);
        }
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
