using Orleans;
using Orleans.Concurrency;

namespace SmartCity.Orleans.Tests;

/// <summary>Uses the host wrongly on request.</summary>
public interface IMisusedGrain : IGrainWithStringKey
{
    /// <summary>Answers with the key.</summary>
    ValueTask<string> Touch();

    /// <summary>Awaits the gate.</summary>
    Task Hold(string gate);

    /// <summary>Answers although the grain is busy.</summary>
    [AlwaysInterleave]
    Task Settle();

    /// <summary>Waits for itself; opens the gate "key waits" when it does.</summary>
    Task<string> CallSelf();

    /// <summary>Starts a timer on another thread.</summary>
    Task StartTimerElsewhere();

    ValueTask StartTimer(TimeSpan dueTime, TimeSpan period);

    /// <summary>Starts a right timer, then changes it.</summary>
    ValueTask ChangeTimer(TimeSpan dueTime, TimeSpan period);

    /// <summary>Asks to leave on another thread.</summary>
    Task LeaveElsewhere();

    /// <summary>Enters its own turn synchronously.</summary>
    ValueTask Send();

    /// <summary>Takes its key for an integer.</summary>
    ValueTask<long> Number();

    /// <summary>Asks for a reference of an interface that it does not have.</summary>
    ValueTask AsCounter();
}
