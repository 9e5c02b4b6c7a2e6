namespace SmartCity.Orleans.Contract.Tests;

public sealed class NumberGrain : Grain, INumberGrain
{
    private int _visits;

    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());

    public Task<int> Visit() => Task.FromResult(++_visits);

    public Task<long> KeyOfOther(long other) => GrainFactory.GetGrain<INumberGrain>(other).Key();
}
