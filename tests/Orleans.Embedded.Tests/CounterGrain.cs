using Orleans;

namespace SmartCity.Orleans.Tests;

public interface ICounterGrain : IGrainWithStringKey
{
    ValueTask Add(int value);

    ValueTask<long> Total();

    Task<string> Key();

    /// <summary>Waits for the gate of that name in <see cref="Gates"/>.</summary>
    Task<int> AddSlowly(string gate);

    Task<int> MaxConcurrency();

    ValueTask Append(int value);

    /// <summary>Appends a value and calls the grain itself with another, without waiting for it.</summary>
    ValueTask AppendAndSend(int value, int next);

    ValueTask<int[]> Appended();

    ValueTask Throw(string message);

    Task<string> CallOther(string other);

    ValueTask<string> ThreadName();
}

public sealed class CounterGrain : Grain, ICounterGrain
{
    private readonly List<int> _appended = [];
    private long _total;
    private int _inside;
    private int _maxInside;

    public ValueTask Add(int value)
    {
        Enter();
        _total += value;
        _inside--;
        return default;
    }

    public ValueTask<long> Total() => new(_total);

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    public async Task<int> AddSlowly(string gate)
    {
        Enter();
        var thread = Environment.CurrentManagedThreadId;
        await Gates.Of(gate).Task;
        _inside--;
        _total++;
        return Environment.CurrentManagedThreadId == thread ? 1 : 0;
    }

    public Task<int> MaxConcurrency() => Task.FromResult(_maxInside);

    public ValueTask Append(int value)
    {
        _appended.Add(value);
        return default;
    }

    public ValueTask AppendAndSend(int value, int next)
    {
        _ = this.AsReference<ICounterGrain>().Append(next).AsTask();
        return Append(value);
    }

    public ValueTask<int[]> Appended() => new(_appended.ToArray());

    public ValueTask Throw(string message) => throw new InvalidDataException(message);

    public async Task<string> CallOther(string other) => "via " + await GrainFactory.GetGrain<ICounterGrain>(other).Key();

    public ValueTask<string> ThreadName() => new(Thread.CurrentThread.Name!);

    private void Enter() => _maxInside = Math.Max(_maxInside, ++_inside);
}
