using Orleans;

namespace SmartCity.Benchmarks;

/// <inheritdoc cref="IBenchGrain"/>
public sealed class BenchGrain : Grain, IBenchGrain
{
    private long _total;

    public ValueTask<long> Add(long value) => new(_total += value);

    public async ValueTask<long> AddLater(long value)
    {
        await Task.Yield();
        return _total += value;
    }

    public async ValueTask<long> Drive(IBenchGrain[] others, int calls)
    {
        var window = new CallWindow(64);
        for (var i = 0; i < calls; i++) await window.AddAsync(others[i % others.Length].Add(1));
        await window.DrainAsync();
        return calls;
    }
}
