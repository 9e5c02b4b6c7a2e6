namespace SmartCity.Orleans.Contract.Tests;

public interface IPatientGrain : IGrainWithStringKey
{
    /// <summary>Waits until the token is cancelled, and notes "name in" and "name cancelled".</summary>
    Task Wait(string name, CancellationToken cancellationToken);

    /// <summary>Acts in the scene and notes "name cancelled" or "name ended uncancelled", but does not stop; returns whether the token was cancelled.</summary>
    Task<bool> Ignore(string name, CancellationToken cancellationToken);

    ValueTask<int> WaitForResult(string name, CancellationToken cancellationToken);

    /// <summary>Lets the other grain wait.</summary>
    Task WaitThere(string other, string name, CancellationToken cancellationToken);

    /// <summary>Gives up without having been told to.</summary>
    Task CancelByItself();

    /// <summary>Waits as <see cref="Wait"/> does, but keeps nobody out.</summary>
    [AlwaysInterleave]
    Task Watch(string name, CancellationToken cancellationToken);

    Task<bool> IsCancelled(CancellationToken cancellationToken);

    [AlwaysInterleave]
    Task Settle();
}
