namespace SmartCity.Orleans.Contract.Tests;

public interface IInjectedGrain : IGrainWithStringKey
{
    /// <returns>What is wrong with what the grain was given; empty when nothing is.</returns>
    Task<string> Complaints();

    Task<string> KeyInConstructor();

    Task<string> CallOther(string other);
}
