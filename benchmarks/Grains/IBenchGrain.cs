using Orleans;

namespace SmartCity.Benchmarks;

/// <summary>A grain that does next to nothing: what is measured is the way to it and back.</summary>
public interface IBenchGrain : IGrainWithStringKey
{
    /// <summary>Ends synchronously.</summary>
    ValueTask<long> Add(long value);

    /// <summary>Suspends once.</summary>
    ValueTask<long> AddLater(long value);

    /// <summary>Calls another grain <paramref name="calls"/> times, with up to 64 calls under way.</summary>
    ValueTask<long> Drive(IBenchGrain[] others, int calls);
}
