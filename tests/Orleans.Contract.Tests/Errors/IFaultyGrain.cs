namespace SmartCity.Orleans.Contract.Tests;

public interface IFaultyGrain : IGrainWithStringKey
{
    Task Throw(Throwing how);

    Task<int> ThrowInsteadOfResult(Throwing how);

    ValueTask ThrowFromValueTask(Throwing how);

    ValueTask<int> ThrowInsteadOfValueResult(Throwing how);

    Task ThrowSensor(string sensor, int code);

    Task ThrowWithInner(string outer, string inner);

    Task ThrowVia(string other, Throwing how);

    Task<string> CatchFrom(string other, Throwing how);

    [OneWay]
    Task CastAndThrow(bool later);

    Task Remember(int value);

    Task<int> Remembered();
}
