namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Timers by name; every tick notes "name tick", and acts in the scene when the timer is slow.</summary>
public interface ITimerGrain : IGrainWithStringKey
{
    [AlwaysInterleave]
    Task Start(string name, TimeSpan dueTime, TimeSpan period, TimerKind kind);

    [AlwaysInterleave]
    Task Change(string name, TimeSpan dueTime, TimeSpan period);

    [AlwaysInterleave]
    Task Stop(string name);

    Task Work(string name);

    Task Leave();

    [AlwaysInterleave]
    Task Settle();
}
