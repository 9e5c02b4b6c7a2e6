using System.Globalization;

namespace SmartCity.Orleans.Contract.Tests;

public sealed class CallGrain : Grain, ICallGrain
{
    private string? _kept;

    public async Task Keep(string value, bool later)
    {
        if (later) await Task.Yield();
        _kept = value;
    }

    public async Task<string?> Kept(bool later)
    {
        if (later) await Task.Yield();
        return _kept;
    }

    public async ValueTask KeepInValueTask(string value, bool later)
    {
        if (later) await Task.Yield();
        _kept = value;
    }

    public async ValueTask<string?> KeptInValueTask(bool later)
    {
        if (later) await Task.Yield();
        return _kept;
    }

    public Task<string> Join(bool flag, byte small, int number, long big, double real, string? text, DayOfWeek day, Guid id, DateTimeOffset time, int? missing) =>
        Task.FromResult(string.Create(CultureInfo.InvariantCulture, $"{flag} {small} {number} {big} {real} {text ?? "null"} {day} {id} {time:O} {missing?.ToString(CultureInfo.InvariantCulture) ?? "null"}"));

    public Task<(int Count, string Last)> Describe(IReadOnlyList<string> values) => Task.FromResult((values.Count, values[^1]));

    public ValueTask<long> Echo(long value) => new(value);

    public Task<string> EchoText(string value) => Task.FromResult(value);

    public async ValueTask<long> EchoLater(long value)
    {
        await Task.Yield();
        return value;
    }

    public ValueTask<long> Fail(long value) => throw new InvalidDataException(value.ToString(CultureInfo.InvariantCulture));

    public Task<string> KeyOf(ICallGrain other) => Task.FromResult(other.GetPrimaryKeyString());

    public Task<ICallGrain> Self() => Task.FromResult(this.AsReference<ICallGrain>());

    public async Task<string> CallBack(ICallGrain other) => await other.Key();

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());
}
