namespace SmartCity.Orleans.Contract.Tests;

[StatelessWorker(MaxLocalWorkers)]
public sealed class WorkerGrain(Stage stage) : Grain, IWorkerGrain
{
    public const int MaxLocalWorkers = 3;
    private int _inside;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        stage.Of(this).Note("activated");
        return Task.CompletedTask;
    }

    public async Task<bool> Work(string gate)
    {
        var alone = ++_inside == 1;
        var scene = stage.Of(this);
        scene.Note("in");
        await scene.Gate(gate);
        scene.Note("out");
        return --_inside == 0 && alone;
    }
}
