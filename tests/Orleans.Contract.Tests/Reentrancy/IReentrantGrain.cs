namespace SmartCity.Orleans.Contract.Tests;

public interface IReentrantGrain : IGrainWithStringKey
{
    Task Work(string name);

    Task Block(string name);
}
