using Microsoft.Extensions.Logging;

namespace SmartCity.Gateway;

/// <summary>
/// Once a second in a gateway of a cluster: asks the hosts of grains how far this gateway's messages are stored, commits what the gateway itself
/// has counted, and lets the intake log forget what is in the store.
/// </summary>
public sealed partial class GatewayCommitter(ITelemetryStore store, IngestPump pump, IGrainFactory grains, TimeProvider clock, ILogger<GatewayCommitter> logger)
    : CommitTicker(clock)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = logger;
    private readonly string _writer = "gateway-" + Guid.NewGuid().ToString("N");
    private StoreCommit? _uncommitted;
    private long _number;
    private long _checkpoint = -1;

    /// <summary>True while a commit that the store refused waits to be repeated.</summary>
    public bool HasUnfinishedCommit => Volatile.Read(ref _uncommitted) is not null;

    /// <inheritdoc/>
    protected override async Task BeforeTickAsync(CancellationToken cancellationToken)
    {
        var (generation, hosts) = pump.Hosts.BeginAsking();
        await Task.WhenAll(hosts.Select(async host =>
        {
            try
            {
                var held = await grains.GetGrain<IHostGrain>(host).HeldFrom(pump.Gateway, generation).AsTask().WaitAsync(s_patience, Clock, cancellationToken);
                if (held == -1) pump.ReportLost(host);
                else pump.Hosts.Answered(generation, host, held);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogHostSilent(host, exception.Message); // busy, or just dying; asked again
            }
        }));
    }

    /// <inheritdoc/>
    protected override async Task<bool> RunTickAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_uncommitted is null)
            {
                // First what is settled, then what is counted: what is settled has been counted.
                var settled = pump.SettledThrough;
                var commit = new StoreCommit { Origin = new(_writer, ++_number) };
                var through = Math.Min(settled, pump.Contribute(commit));
                if (through > Math.Max(_checkpoint, pump.Checkpoint)) commit.Checkpoint = through;
                _uncommitted = commit;
            }

            if (!_uncommitted.IsEmpty) await store.CommitAsync(_uncommitted, cancellationToken);
            var checkpoint = _uncommitted.Checkpoint;
            _uncommitted = null;
            if (checkpoint is not { } reached) return true;
            _checkpoint = reached;
            pump.Committed(reached);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogCommitFailed(exception);
            return false;
        }
    }

    [LoggerMessage(5107, LogLevel.Information, "The host of grains {Host} does not say what it has stored ({Reason}); it is asked again.")]
    private partial void LogHostSilent(string host, string reason);

    [LoggerMessage(5108, LogLevel.Error, "What the gateway has counted could not be stored; it is kept and tried again.")]
    private partial void LogCommitFailed(Exception exception);
}
