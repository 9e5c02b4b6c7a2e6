using Orleans;
using Orleans.Concurrency;

namespace SmartCity.Orleans.Tests;

/// <summary>Misbehaves on request. Gates are those of <see cref="Gates"/>; a grain that is at one opens the gate "name in".</summary>
public interface IOddGrain : IGrainWithStringKey
{
    /// <summary>The activation that answers, counted from 1 for each key.</summary>
    ValueTask<int> Number();

    /// <summary>The thread of its shard.</summary>
    ValueTask<int> ThreadId();

    /// <summary>Awaits the gate.</summary>
    Task Hold(string gate);

    /// <summary>Blocks its thread until the gate opens.</summary>
    Task Block(string gate);

    /// <summary>Awaits the first gate, then blocks its thread until the second one opens.</summary>
    Task HoldThenBlock(string gate, string second);

    /// <summary>Throws, at once or after an await, and nobody knows.</summary>
    [OneWay]
    Task Forget(bool later);

    /// <summary>Throws outside of the call.</summary>
    ValueTask FailOutside(bool later);

    /// <summary>Leaves the memory, and throws as it does.</summary>
    ValueTask LeaveBadly(Farewell how);

    /// <summary>Ticks once a second; every tick throws.</summary>
    ValueTask StartFailingTimer();

    /// <summary>Starts a timer whose callback throws when its token is cancelled.</summary>
    ValueTask StartTimerThatFailsToStop();
}
