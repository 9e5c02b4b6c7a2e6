namespace SmartCity.Orleans.Contract.Tests;

public interface IPlaceGrain : IGrainWithStringKey
{
    Task<string> Key();

    Task<int> Visit();
}
