using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;

namespace SmartCity.Orleans.Tests;

/// <summary>The first activation of a key that begins with "unborn" fails in the constructor.</summary>
public sealed class MisusedGrain : Grain, IMisusedGrain
{
    private static readonly GrainTimerCreationOptions s_never = new(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    private static readonly ConcurrentDictionary<string, bool> s_failed = new();

    public MisusedGrain()
    {
        var key = this.GetPrimaryKeyString();
        if (key.StartsWith("unborn", StringComparison.Ordinal) && s_failed.TryAdd(key, true)) throw new InvalidDataException("no such sensor");
    }

    public ValueTask<string> Touch() => new(this.GetPrimaryKeyString());

    public Task Hold(string gate)
    {
        Gates.Of($"{gate} in").TrySetResult();
        return Gates.Of(gate).Task;
    }

    public Task Settle() => Task.CompletedTask;

    public async Task<string> CallSelf()
    {
        var call = this.AsReference<IMisusedGrain>().Touch();
        Gates.Of($"{this.GetPrimaryKeyString()} waits").SetResult();
        return await call;
    }

    public async Task StartTimerElsewhere() => await Task.Run(() => this.RegisterGrainTimer(static _ => Task.CompletedTask, s_never));

    public ValueTask StartTimer(TimeSpan dueTime, TimeSpan period)
    {
        this.RegisterGrainTimer(static _ => Task.CompletedTask, new(dueTime, period));
        return default;
    }

    public ValueTask ChangeTimer(TimeSpan dueTime, TimeSpan period)
    {
        this.RegisterGrainTimer(static _ => Task.CompletedTask, s_never).Change(dueTime, period);
        return default;
    }

    public Task LeaveElsewhere() => Task.Run(DeactivateOnIdle);

    public ValueTask Send()
    {
        SynchronizationContext.Current!.Send(static _ => { }, null);
        return default;
    }

    public ValueTask<long> Number() => new(this.GetPrimaryKeyLong());

    public ValueTask AsCounter()
    {
        _ = this.AsReference<ICounterGrain>();
        return default;
    }
}
