namespace SmartCity.Orleans.Contract.Tests;

public sealed class LifeGrain(Stage stage) : Grain, ILifeGrain
{
    private int _number;

    private Scene Scene => stage.Of(this);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Scene.Note("created");
        _number = Scene.Count("created");
        Scene.Note($"{_number} activating");
        Scene.ThrowIfScripted("activate at once");
        await Scene.Pass("activate");
        Scene.ThrowIfScripted("activate");
        Scene.Note($"{_number} activated");
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Scene.Note($"{_number} deactivating {reason.ReasonCode}");
        Scene.ThrowIfScripted("deactivate at once");
        await Scene.Pass("deactivate");
        Scene.ThrowIfScripted("deactivate");
        Scene.Note($"{_number} deactivated");
    }

    public Task<int> Number()
    {
        Scene.Note($"{_number} called");
        return Task.FromResult(_number);
    }

    public async Task<int> Work(string name)
    {
        await Scene.Act(name);
        return _number;
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<int> LeaveThenWork(string name)
    {
        DeactivateOnIdle();
        await Scene.Act(name);
        return _number;
    }

    public async Task Count()
    {
        await Task.Yield();
        Scene.Note("counted");
    }

    public Task KeepAwake(TimeSpan period, bool keepAlive)
    {
        this.RegisterGrainTimer(
            _ =>
            {
                Scene.Note("tick");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = period, Period = period, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task Settle() => Task.CompletedTask;
}
