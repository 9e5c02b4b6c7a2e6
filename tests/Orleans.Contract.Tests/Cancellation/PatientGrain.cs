namespace SmartCity.Orleans.Contract.Tests;

public sealed class PatientGrain(Stage stage) : Grain, IPatientGrain
{
    private Scene Scene => stage.Of(this);

    public async Task Wait(string name, CancellationToken cancellationToken)
    {
        Scene.Note($"{name} in");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Scene.Note($"{name} cancelled");
            throw;
        }
    }

    public async Task<bool> Ignore(string name, CancellationToken cancellationToken)
    {
        var scene = Scene;
        await using var registration = cancellationToken.Register(() => scene.Note($"{name} cancelled"));
        await scene.Act(name);
        if (!cancellationToken.IsCancellationRequested) scene.Note($"{name} ended uncancelled");
        return cancellationToken.IsCancellationRequested;
    }

    public async ValueTask<int> WaitForResult(string name, CancellationToken cancellationToken)
    {
        await Wait(name, cancellationToken);
        return 1;
    }

    public Task WaitThere(string other, string name, CancellationToken cancellationToken) => GrainFactory.GetGrain<IPatientGrain>(other).Wait(name, cancellationToken);

    public Task Watch(string name, CancellationToken cancellationToken) => Wait(name, cancellationToken);

    public Task<bool> IsCancelled(CancellationToken cancellationToken) => Task.FromResult(cancellationToken.IsCancellationRequested);

    public Task CancelByItself() => throw new OperationCanceledException("not today");

    public Task Settle() => Task.CompletedTask;
}
