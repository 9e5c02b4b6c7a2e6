namespace SmartCity.Orleans.Contract.Tests;

public interface IPatientGrain : IGrainWithStringKey
{
    /// <summary>Waits until the token is cancelled, and notes "name in" and "name cancelled".</summary>
    Task Wait(string name, CancellationToken cancellationToken);

    /// <summary>Acts in the scene and does not look at the token; returns whether it was cancelled in the end.</summary>
    Task<bool> Ignore(string name, CancellationToken cancellationToken);

    ValueTask<int> WaitForResult(string name, CancellationToken cancellationToken);

    /// <summary>Lets the other grain wait.</summary>
    Task WaitThere(string other, string name, CancellationToken cancellationToken);

    Task<bool> IsCancelled(CancellationToken cancellationToken);

    [AlwaysInterleave]
    Task Settle();
}
