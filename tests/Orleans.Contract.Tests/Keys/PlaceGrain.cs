namespace SmartCity.Orleans.Contract.Tests;

public sealed class PlaceGrain : Grain, IPlaceGrain
{
    private int _visits;

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<int> Visit() => Task.FromResult(++_visits);
}
