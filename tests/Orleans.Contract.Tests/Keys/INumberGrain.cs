namespace SmartCity.Orleans.Contract.Tests;

public interface INumberGrain : IGrainWithIntegerKey
{
    Task<long> Key();

    Task<int> Visit();

    Task<long> KeyOfOther(long other);
}
