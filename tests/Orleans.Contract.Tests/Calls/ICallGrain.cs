namespace SmartCity.Orleans.Contract.Tests;

public interface ICallGrain : IGrainWithStringKey
{
    Task Keep(string value, bool later);

    Task<string?> Kept(bool later);

    ValueTask KeepInValueTask(string value, bool later);

    ValueTask<string?> KeptInValueTask(bool later);

    Task<string> Join(bool flag, byte small, int number, long big, double real, string? text, DayOfWeek day, Guid id, DateTimeOffset time, int? missing);

    Task<(int Count, string Last)> Describe(IReadOnlyList<string> values);

    ValueTask<long> Echo(long value);

    Task<string> EchoText(string value);

    ValueTask<long> EchoLater(long value);

    ValueTask<long> Fail(long value);

    Task<string> KeyOf(ICallGrain other);

    Task<ICallGrain> Self();

    Task<string> CallBack(ICallGrain other);

    Task<string> Key();
}
