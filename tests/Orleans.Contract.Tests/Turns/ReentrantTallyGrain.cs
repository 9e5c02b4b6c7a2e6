namespace SmartCity.Orleans.Contract.Tests;

[Reentrant]
public sealed class ReentrantTallyGrain(Stage stage) : Grain, IReentrantTallyGrain
{
    private int _inside;
    private int _open;
    private int _mostOpen;
    private long _overlaps;
    private long _total;

    public async Task Add(Pause pause, int times)
    {
        _mostOpen = Math.Max(_mostOpen, ++_open);
        var start = stage.Of(this).Gate("start");
        if (!start.IsCompleted) stage.Of(this).Note("in");
        await start;
        for (var i = 0; i < times; i++)
        {
            await Pauses.Of(pause, GrainFactory, this.GetPrimaryKeyString());
            Step();
        }

        _open--;
    }

    public Task<(long Total, long Overlaps, int MostOpen)> Result() => Task.FromResult((_total, _overlaps, _mostOpen));

    public Task StartTimer(TimeSpan period)
    {
        this.RegisterGrainTimer(
            async _ =>
            {
                Step();
                await Task.Yield();
                Step();
            },
            new GrainTimerCreationOptions { DueTime = period, Period = period, Interleave = true });
        return Task.CompletedTask;
    }

    private void Step()
    {
        if (Interlocked.Increment(ref _inside) != 1) Interlocked.Increment(ref _overlaps);
        var total = _total;
        Thread.SpinWait(50);
        _total = total + 1;
        Interlocked.Decrement(ref _inside);
    }
}
