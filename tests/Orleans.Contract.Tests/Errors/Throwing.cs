namespace SmartCity.Orleans.Contract.Tests;

/// <summary>When a method throws.</summary>
public enum Throwing
{
    AtOnce,
    AfterAwait,
    AsFailedTask,
}
