using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Where the stores of a rig keep what outlives them.</summary>
internal abstract class OutboxHome : IAsyncDisposable
{
    /// <summary>A store of a new process, not open yet, and its outbox.</summary>
    public abstract (ITelemetryStore Store, IOutbox Outbox) Create(InfluxOptions options, TimeProvider time);

    /// <summary>How often the stores have logged an event.</summary>
    public abstract int Logged(int eventId);

    /// <summary>Runs a statement in the database while no store is open: a test plays an earlier version.</summary>
    /// <returns>How many rows it changed.</returns>
    public abstract Task<int> ChangeAsync(string statement);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
