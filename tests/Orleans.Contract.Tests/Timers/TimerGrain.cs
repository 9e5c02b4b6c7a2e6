namespace SmartCity.Orleans.Contract.Tests;

public sealed class TimerGrain(Stage stage) : Grain, ITimerGrain
{
    private readonly Dictionary<string, IGrainTimer> _timers = [];
    private readonly Dictionary<string, int> _inside = [];

    private Scene Scene => stage.Of(this);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!Scene.Has("start in activation")) return;
        await Start("early", TimeSpan.Zero, Timeout.InfiniteTimeSpan, TimerKind.Interleave);
        Scene.Note("started");
        await Scene.Pass("activate");
        Scene.Note("activated");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Scene.Note($"deactivated {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task Start(string name, TimeSpan dueTime, TimeSpan period, TimerKind kind)
    {
        _timers[name] = this.RegisterGrainTimer(
            cancellationToken => Tick(name, kind, cancellationToken),
            new GrainTimerCreationOptions
            {
                DueTime = dueTime,
                Period = period,
                Interleave = kind.HasFlag(TimerKind.Interleave),
                KeepAlive = kind.HasFlag(TimerKind.KeepAlive),
            });
        return Task.CompletedTask;
    }

    public Task Change(string name, TimeSpan dueTime, TimeSpan period)
    {
        _timers[name].Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task Stop(string name)
    {
        _timers[name].Dispose();
        return Task.CompletedTask;
    }

    public Task Work(string name) => Scene.Act(name);

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Settle() => Task.CompletedTask;

    private Task Tick(string name, TimerKind kind, CancellationToken cancellationToken)
    {
        Scene.Note($"{name} tick");
        if (kind.HasFlag(TimerKind.ThrowsAtOnce)) throw new InvalidDataException("a tick that fails");
        if (kind.HasFlag(TimerKind.StopsItself)) _timers[name].Dispose();
        return TickOn(name, kind, cancellationToken);
    }

    private async Task TickOn(string name, TimerKind kind, CancellationToken cancellationToken)
    {
        _inside[name] = _inside.GetValueOrDefault(name) + 1;
        if (_inside[name] > 1) Scene.Note($"{name} overlaps");
        await Task.Yield();
        if (kind.HasFlag(TimerKind.Slow)) await Scene.Act(name);
        if (kind.HasFlag(TimerKind.WaitsForToken))
        {
            var cancelled = new TaskCompletionSource();
            await using (cancellationToken.Register(cancelled.SetResult))
            {
                await cancelled.Task;
            }

            Scene.Note($"{name} token cancelled");
        }

        _inside[name]--;
        if (kind.HasFlag(TimerKind.Throws)) throw new InvalidDataException("a tick that fails");
    }
}
