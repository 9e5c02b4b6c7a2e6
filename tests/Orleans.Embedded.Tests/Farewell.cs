namespace SmartCity.Orleans.Tests;

/// <summary>How an <see cref="OddGrain"/> leaves the memory.</summary>
public enum Farewell
{
    Well,
    HookThrows,
    HookThrowsLater,
    DisposeThrows,
    DisposeThrowsLater,
}
