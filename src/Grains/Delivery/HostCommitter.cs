using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace SmartCity.Grains;

/// <summary>
/// Once a second on a host of a cluster: asks this host's grains that are due for their closed windows and commits them with what they add to
/// areas and tiles, which the store merges; then tells gateways how far their messages are stored.
/// </summary>
public sealed partial class HostCommitter : CommitTicker
{
    /// <summary>The answer for messages that this host had and has lost.</summary>
    internal const long Lost = -1;

    private const int GrainsPerCommit = 1024;

    private readonly ITelemetryStore _store;
    private readonly IGrainFactory _grains;
    private readonly CommitBuffer _commits;
    private readonly WindowSchedule _schedule;
    private readonly Geography _geography;
    private readonly ILogger _logger;
    private readonly string _writer = Guid.NewGuid().ToString("N");
    private readonly Lock _lock = new();
    private readonly Dictionary<int, (int Losses, int Round)> _told = [];
    private readonly Counter<long> _failures;

    private List<(int Gateway, int Round, TaskCompletionSource<long> Answer)> _asking = [];
    private (StoreCommit Commit, List<WindowDelta> Deltas)? _uncommitted;
    private HeldPositions _held;
    private long _number;
    private int _losses;

    public HostCommitter(
        ITelemetryStore store, IGrainFactory grains, CommitBuffer commits, WindowSchedule schedule, Geography geography, TimeProvider clock,
        IMeterFactory meters, ILogger<HostCommitter> logger)
        : base(clock)
    {
        ArgumentNullException.ThrowIfNull(meters);
        (_store, _grains, _commits, _schedule, _geography, _logger) = (store, grains, commits, schedule, geography, logger);
        _failures = meters.Create("SmartCity.Grains").CreateCounter<long>("smartcity.host.failures", "{tick}", "Ticks of a cluster's host that could not commit and will be repeated.");
    }

    /// <summary>True while a commit that the store refused waits to be repeated.</summary>
    public bool HasUnfinishedCommit => Volatile.Read(ref _number) > 0 && _uncommitted is not null;

    /// <inheritdoc cref="IHostGrain.HeldFrom"/>
    public Task<long> HeldFromAsync(int gateway, int round)
    {
        var answer = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _asking.Add((gateway, round, answer));
        return answer.Task;
    }

    /// <inheritdoc/>
    protected override async Task<bool> RunTickAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Who asks from now on is answered by the next tick: this one may already have passed their grains.
            List<(int Gateway, int Round, TaskCompletionSource<long> Answer)> asking;
            lock (_lock) (asking, _asking) = (_asking, []);
            try
            {
                await CloseAndCommitAsync(cancellationToken);
            }
            catch
            {
                lock (_lock) _asking.AddRange(asking);
                throw;
            }

            foreach (var (gateway, round, answer) in asking) answer.TrySetResult(AnswerOf(gateway, round));
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _failures.Add(1);
            LogTickFailed(exception);
            return false;
        }
    }

    private long AnswerOf(int gateway, int round)
    {
        var losses = _losses + _schedule.Orphans;
        var told = _told.GetValueOrDefault(gateway, (Losses: 0, Round: -1));
        if (told.Losses == losses && told.Round != round) return _held.Of(gateway); // it has gone back since, or there was nothing to tell
        _told[gateway] = (losses, round);
        return Lost;
    }

    private async Task CloseAndCommitAsync(CancellationToken cancellationToken)
    {
        if (_uncommitted is not null) await CommitAsync(cancellationToken);
        var now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var due = _schedule.TakeDue(now, GrainsPerCommit);
        do
        {
            if (due is not null) await due.CloseAsync(now, _schedule, LogGrainFailed);
            // After closing: what a grain still holds is in the schedule again, and what it handed over is in this commit.
            _held = _schedule.OldestPositions();
            _uncommitted = _commits.TakeWithDeltas();
            await CommitAsync(cancellationToken);
            due = _schedule.TakeDue(now, GrainsPerCommit);
        }
        while (due is not null);
    }

    private async Task CommitAsync(CancellationToken cancellationToken)
    {
        while (_uncommitted is var (commit, deltas))
        {
            if (!commit.IsEmpty)
            {
                commit.Origin ??= new(_writer, ++_number);
                commit.AreaDeltas.Clear();
                commit.TileDeltas.Clear();
                WindowDeltas.Merge(deltas, _geography, commit);
                try
                {
                    await _store.CommitAsync(commit, cancellationToken);
                }
                catch (StaleWindowsException stale)
                {
                    await DropAsync(commit, deltas, stale);
                    continue;
                }
            }

            _uncommitted = null;
            _commits.MarkCommitted();
        }
    }

    /// <summary>Another host has stored these devices' windows since ours were made. Ours go; the gateways hear of it and send again.</summary>
    private async Task DropAsync(StoreCommit commit, List<WindowDelta> deltas, StaleWindowsException stale)
    {
        LogStale(stale.Devices.Count, stale.Devices.First());
        foreach (var device in stale.Devices) await _grains.GetGrain<IDeviceGrain>(device).Reset();
        var devices = stale.Devices.ToHashSet(StringComparer.Ordinal);
        commit.Windows.RemoveAll(w => devices.Contains(w.DeviceId));
        commit.Readings.RemoveAll(r => devices.Contains(r.DeviceId));
        commit.Latest.RemoveAll(l => devices.Contains(l.DeviceId));
        deltas.RemoveAll(d => devices.Contains(d.Window.DeviceId));
        _losses++;
    }

    [LoggerMessage(4004, LogLevel.Error, "Closed windows could not be stored; they are kept and tried again.")]
    private partial void LogTickFailed(Exception exception);

    [LoggerMessage(4005, LogLevel.Error, "A grain could not hand over its windows; it is asked again.")]
    private partial void LogGrainFailed(Exception exception);

    [LoggerMessage(4006, LogLevel.Warning, "Another host has stored windows of {Count} devices, such as '{Device}', that this host had in memory; it lets go of them, and their gateways send again.")]
    private partial void LogStale(int count, string device);
}
