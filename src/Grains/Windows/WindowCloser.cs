using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace SmartCity.Grains;

/// <summary>
/// Once a second: asks the grains that are due for their closed windows, rolls them up unit → region → nation, and commits everything,
/// together with the position from which a restart must replay, in one transaction.
/// </summary>
public sealed partial class WindowCloser : CommitTicker
{
    private const int FailedTicksToPause = 30; // windows that cannot be stored stay in memory; after half a minute no new ones are opened
    private const int GrainsPerCommit = 1024;
    private static readonly ActivitySource s_activities = new("SmartCity.Grains");

    private readonly IGrainFactory _grains;
    private readonly ITelemetryStore _store;
    private readonly CommitBuffer _commits;
    private readonly WindowSchedule _schedule;
    private readonly IEnumerable<ICommitParticipant> _participants;
    private readonly Geography _geography;
    private readonly ILogger _logger;
    private readonly Dictionary<string, List<AreaContribution>> _unabsorbed = [];
    private readonly HashSet<string> _touched = [];
    private readonly Dictionary<string, List<CoverageSample>> _uncounted = [];
    private HashSet<string> _touchedTiles = [];
    private HashSet<string> _emittedTiles = [];
    private readonly Histogram<double> _tickSeconds;
    private readonly Counter<long> _failures;

    private StoreCommit? _uncommitted;
    private int _failedTicks;
    private long _checkpoint = -1;

    public WindowCloser(
        IGrainFactory grains, ITelemetryStore store, CommitBuffer commits, WindowSchedule schedule, IEnumerable<ICommitParticipant> participants,
        Geography geography, TimeProvider clock, IMeterFactory meters, ILogger<WindowCloser> logger)
        : base(clock)
    {
        ArgumentNullException.ThrowIfNull(meters);
        (_grains, _store, _commits, _schedule, _participants) = (grains, store, commits, schedule, participants);
        (_geography, _logger) = (geography, logger);
        var meter = meters.Create("SmartCity.Grains");
        _tickSeconds = meter.CreateHistogram<double>("smartcity.windows.tick", "s", "Time to close, roll up and commit what is due.");
        _failures = meter.CreateCounter<long>("smartcity.windows.failures", "{tick}", "Ticks that could not commit and will be repeated.");
        meter.CreateObservableGauge("smartcity.windows.checkpoint", () => _checkpoint, "{position}", "Intake log position behind which a restart replays.");
    }

    /// <summary>True while a commit that the store refused waits to be repeated.</summary>
    public bool HasUnfinishedCommit => Volatile.Read(ref _failedTicks) > 0;

    /// <summary>Dead letters of grains that no commit holds yet. Stable only within <see cref="CommitTicker.BetweenTicksAsync"/>.</summary>
    public IReadOnlyList<DeadLetter> PendingDeadLetters => _commits.PendingDeadLetters();

    /// <inheritdoc/>
    protected override async Task<bool> RunTickAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var activity = s_activities.StartActivity("close windows");
        try
        {
            await CloseAndCommitAsync(cancellationToken);
            if (_failedTicks >= FailedTicksToPause) NotifyParticipants(failing: false);
            Volatile.Write(ref _failedTicks, 0);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            _failures.Add(1);
            LogTickFailed(exception);
            Volatile.Write(ref _failedTicks, _failedTicks + 1);
            if (_failedTicks == FailedTicksToPause) NotifyParticipants(failing: true);
            return false;
        }
        finally
        {
            _tickSeconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    }

    private async Task CloseAndCommitAsync(CancellationToken cancellationToken)
    {
        // A commit that failed is tried again before anything new: its windows and their areas belong together.
        if (_uncommitted is not null) await CommitAsync(cancellationToken);

        // In portions: a hundred thousand devices whose windows end together would otherwise fill the memory with rows for one commit.
        var now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var due = _schedule.TakeDue(now, GrainsPerCommit);
        do
        {
            await CloseAndCommitAsync(due, now, cancellationToken);
            due = _schedule.TakeDue(now, GrainsPerCommit);
        }
        while (due is not null);
    }

    private async Task CloseAndCommitAsync(DueGrains? due, long now, CancellationToken cancellationToken)
    {
        var applied = long.MaxValue;
        foreach (var participant in _participants) applied = Math.Min(applied, participant.AppliedThrough);
        if (due is not null) await due.CloseAsync(now, _schedule, LogGrainFailed);
        await RollUpAsync();
        await CountCoverageAsync();

        // Only now: grains that still hold something are in the schedule again.
        var held = _schedule.OldestPosition;
        var commit = _commits.Take();
        var through = Math.Min(applied, held == long.MaxValue ? long.MaxValue : held - 1);
        foreach (var participant in _participants) through = Math.Min(through, participant.Contribute(commit));
        if (through != long.MaxValue && through > _checkpoint) commit.Checkpoint = through;
        _uncommitted = commit;
        await CommitAsync(cancellationToken);
    }

    private void NotifyParticipants(bool failing)
    {
        foreach (var participant in _participants) participant.OnStoreFailing(failing);
    }

    private async Task CommitAsync(CancellationToken cancellationToken)
    {
        var commit = _uncommitted!;
        if (!commit.IsEmpty) await _store.CommitAsync(commit, cancellationToken);
        _uncommitted = null;
        _commits.MarkCommitted();
        if (commit.Checkpoint is not { } checkpoint) return;
        _checkpoint = checkpoint;
        foreach (var participant in _participants) participant.Committed(checkpoint);
    }

    private async Task RollUpAsync()
    {
        foreach (var (unit, contributions) in _commits.TakeContributions())
        {
            if (_unabsorbed.TryGetValue(unit, out var waiting)) waiting.AddRange(contributions);
            else _unabsorbed[unit] = contributions;
        }

        foreach (var (unit, contributions) in _unabsorbed)
        {
            await _grains.GetGrain<IAreaGrain>(unit).Absorb(contributions);
            _unabsorbed.Remove(unit);
            for (var area = unit; area is not null; area = _geography.ParentOf(area)) _touched.Add(area);
        }

        // Bottom up: a unit's changes must be in its region before the region passes them on.
        foreach (var area in _touched.OrderByDescending(Depth).ToList())
        {
            await _grains.GetGrain<IAreaGrain>(area).RollUp();
            _touched.Remove(area);
        }
    }

    private async Task CountCoverageAsync()
    {
        foreach (var (tile, samples) in _commits.TakeCoverage())
        {
            if (_uncounted.TryGetValue(tile, out var waiting)) waiting.AddRange(samples);
            else _uncounted[tile] = samples;
        }

        foreach (var (tile, samples) in _uncounted)
        {
            await _grains.GetGrain<ICoverageTileGrain>(tile).Absorb(samples);
            _uncounted.Remove(tile);
            _touchedTiles.Add(tile);
        }

        foreach (var tile in _touchedTiles) await _grains.GetGrain<ICoverageTileGrain>(tile).RollUp();
        // Once more after the commit, to let go of what was handed over last time.
        foreach (var tile in _emittedTiles.Except(_touchedTiles)) await _grains.GetGrain<ICoverageTileGrain>(tile).RollUp();
        (_emittedTiles, _touchedTiles) = (_touchedTiles, _emittedTiles);
        _touchedTiles.Clear();
    }

    private int Depth(string area) => _geography.ParentOf(area) is { } parent ? 1 + Depth(parent) : 0;

    [LoggerMessage(4001, LogLevel.Error, "Closed windows could not be stored; they are kept and tried again.")]
    private partial void LogTickFailed(Exception exception);

    [LoggerMessage(4002, LogLevel.Error, "A grain could not hand over its windows; it is asked again.")]
    private partial void LogGrainFailed(Exception exception);
}
