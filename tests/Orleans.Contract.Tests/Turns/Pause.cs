namespace SmartCity.Orleans.Contract.Tests;

/// <summary>What a method awaits.</summary>
public enum Pause
{
    None,
    Yield,
    Delay,
    Run,
    RunCapturing,
    WhenAll,
    ValueTask,
    OtherGrain,
    OtherThread,
}
