namespace SmartCity.Orleans.Contract.Tests;

/// <summary>What a timer's callback does.</summary>
[Flags]
public enum TimerKind
{
    Plain = 0,

    /// <summary>It may run while a call awaits.</summary>
    Interleave = 1,

    /// <summary>Each tick acts in the scene under the timer's name.</summary>
    Slow = 2,

    /// <summary>Each tick throws, after an await.</summary>
    Throws = 4,

    /// <summary>It throws before it returns a task.</summary>
    ThrowsAtOnce = 8,

    /// <summary>It disposes of its own timer.</summary>
    StopsItself = 16,

    /// <summary>It waits until its token is cancelled.</summary>
    WaitsForToken = 32,

    /// <summary>Its grain stays although nobody calls it.</summary>
    KeepAlive = 64,
}
