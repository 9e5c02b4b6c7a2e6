namespace SmartCity.Orleans.Contract.Tests;

[Reentrant]
public sealed class ReentrantGrain(Stage stage) : Grain, IReentrantGrain
{
    private Scene Scene => stage.Of(this);

    public Task Work(string name) => Scene.Act(name);

    /// <summary>A turn that takes its thread.</summary>
    public Task Block(string name)
    {
        Scene.Note($"{name} in");
        Scene.Gate(name).Wait();
        Scene.Note($"{name} out");
        return Task.CompletedTask;
    }
}
