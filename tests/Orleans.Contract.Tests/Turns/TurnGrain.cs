namespace SmartCity.Orleans.Contract.Tests;

public sealed class TurnGrain(Stage stage) : Grain, ITurnGrain
{
    private readonly List<int> _seen = [];

    private Scene Scene => stage.Of(this);

    public Task Work(string name) => Scene.Act(name);

    public Task Slip(string name) => Scene.Act(name);

    public Task Read(string name) => Scene.Act(name);

    public Task Cast(string name) => Scene.Act(name);

    public ValueTask<int> Quick(int value)
    {
        _seen.Add(value);
        return new(value);
    }

    public Task<int[]> Seen() => Task.FromResult(_seen.ToArray());

    public Task Settle() => Task.CompletedTask;
}
