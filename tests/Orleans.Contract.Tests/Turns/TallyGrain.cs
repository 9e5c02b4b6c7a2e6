namespace SmartCity.Orleans.Contract.Tests;

public sealed class TallyGrain : Grain, ITallyGrain
{
    private int _inside;
    private long _overlaps;
    private long _total;

    public async Task Add(Pause pause)
    {
        if (++_inside != 1) _overlaps++;
        var total = _total; // read here, written after the await: an overlap loses a count
        if (pause != Pause.None) await Pauses.Of(pause, GrainFactory, this.GetPrimaryKeyString());
        _total = total + 1;
        _inside--;
    }

    public Task<(long Total, long Overlaps)> Result() => Task.FromResult((_total, _overlaps));
}
