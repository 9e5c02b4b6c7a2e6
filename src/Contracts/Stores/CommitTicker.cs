using Microsoft.Extensions.Hosting;

namespace SmartCity.Contracts;

/// <summary>Something that commits once a second, one tick at a time, and a last time when the host stops, so that the next start has little to replay.</summary>
public abstract class CommitTicker(TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>The host's clock.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <summary>Runs one tick now. Tests and shutdown call it; otherwise the clock does.</summary>
    /// <returns>False when something failed and is kept for the next tick.</returns>
    public Task<bool> TickAsync(CancellationToken cancellationToken) => BetweenTicksAsync(() => RunTickAsync(cancellationToken), cancellationToken);

    /// <summary>Runs <paramref name="read"/> while no tick moves anything to the store, so that sums over both sides agree.</summary>
    public async Task<T> BetweenTicksAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(read);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await read();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TickAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _gate.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What a tick does, with no other one beside it. Throws nothing but when it is cancelled.</summary>
    /// <returns>False when something failed and is kept for the next tick.</returns>
    protected abstract Task<bool> RunTickAsync(CancellationToken cancellationToken);

    /// <summary>What comes before a tick of the clock, and need not be alone.</summary>
    protected virtual Task BeforeTickAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_period, Clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await BeforeTickAsync(stoppingToken);
            await TickAsync(stoppingToken);
        }
    }
}
