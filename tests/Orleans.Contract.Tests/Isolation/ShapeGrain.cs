namespace SmartCity.Orleans.Contract.Tests;

public sealed class ShapeGrain : Grain, IShapeGrain
{
    public Task<Route> Derived(Route route) => Task.FromResult(route);

    public Task<Gauge> Computed(Gauge gauge) => Task.FromResult(gauge);

    public Task<Stretch?> Nullable(Stretch? stretch) => Task.FromResult(stretch);

    public Task<KeyValuePair<string, List<int>>> Pair(KeyValuePair<string, List<int>> pair) => Task.FromResult(pair);
}
