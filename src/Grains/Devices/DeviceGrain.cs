namespace SmartCity.Grains;

/// <inheritdoc cref="IDeviceGrain"/>
/// <remarks>
/// Exactness. A device's messages arrive in the order of the intake log. Each stored window says up to which position it has absorbed
/// (<see cref="DeviceWindow.AppliedThrough"/>), so a message that replay brings again is skipped by the windows that have it and taken by
/// those that have not. A window leaves the memory only when a commit holds it; a reading for a window that has left loads it again.
/// What a drive-test reading adds to the coverage waits with its window and goes into the same commit.
/// </remarks>
public sealed partial class DeviceGrain(DeviceServices services) : Grain, IDeviceGrain
{
    private const long MinimumDelayMs = 1000;
    private const int RefusedOrdinal = 1 << 20; // apart from the ordinals that the decoder gives

    private Series[] _series = [];
    private PendingCoverage? _coverage;
    private int _metricCount; // of different kinds and metrics; a device that moves has several series of each
    private IReadOnlyList<LatestValue>? _stored; // what the store knew when the grain was activated
    private long _nextDueMs = long.MaxValue;
    private int _clockSteps; // those that the schedule knew when all windows were last looked at
    private long _storedThroughMs = long.MinValue; // no window that starts later is in the store
    private DeviceSource _source = new(0); // the gateway of the message in hand

    /// <summary>Brings back the latest values of a device that the store knows.</summary>
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        services.Registry.IsStored(this.GetPrimaryKeyString()) ? LoadLatestAsync() : Task.CompletedTask;

    /// <summary>
    /// Leaves only when the store has everything: a reading that comes later loads its window from there. A host that shuts down does not wait,
    /// because the intake log still holds what no commit has.
    /// </summary>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (reason.ReasonCode == DeactivationReasonCode.ShuttingDown) return Task.CompletedTask;
        services.Registry.MarkStored(this.GetPrimaryKeyString());
        // In a cluster this activation may be given up before the commit; the gateways then send again what it lacks.
        if (EmitUntil(long.MaxValue).Emitted) services.Schedule.ReportOrphan();
        var last = 0L;
        foreach (ref readonly var series in _series.AsSpan())
        {
            for (var window = series.Windows; window is not null; window = window.Next) last = Math.Max(last, window.EmittedIn);
        }

        return services.Commits.WhenCommittedAsync(last).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask Ingest(DeviceMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var fresh = false;
        for (var i = 0; i < message.Count; i++)
        {
            if (!TryTake(message, i, ref fresh)) return IngestSlowly(message, i, fresh);
        }

        Finish(message, fresh);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask CloseWindows(long dueMs)
    {
        if (!_wasScheduled) services.Schedule.ReportOrphan(); // it was another activation that asked for this, and it is gone
        var clockSteps = services.Schedule.ClockSteps;
        if (dueMs < _nextDueMs && _clockSteps == clockSteps) return default; // an earlier registration overtook this one
        var (nextDue, held, emitted) = EmitUntil(dueMs);
        // Once more after the commit, to let go of what was emitted now.
        if (emitted) nextDue = Math.Min(nextDue, dueMs + (2 * MinimumDelayMs));
        // Only now: if anything above failed, the closer asks again, and must not be taken for an overtaken registration.
        (_nextDueMs, _clockSteps) = (long.MaxValue, clockSteps);
        ForgetHeld();
        if (nextDue != long.MaxValue) Schedule(nextDue, held, dueMs);
        return default;
    }

    /// <summary>Hands over the windows that are due.</summary>
    /// <returns>When the next is due, the oldest position that is not handed over, and whether any was.</returns>
    private (long NextDue, HeldPositions Held, bool Emitted) EmitUntil(long dueMs)
    {
        var id = this.GetPrimaryKeyString();
        var commits = services.Commits;
        var (nextDue, held) = (long.MaxValue, default(HeldPositions));
        var emitted = false;
        List<(DeviceWindow Row, WindowAggregate Delta, ReadingBlock? Readings)>? counters = null; // newest first, as windows are
        foreach (ref var series in _series.AsSpan())
        {
            series.Forget(commits.Committed);
            counters?.Clear();
            for (var window = series.Windows; window is not null; window = window.Next)
            {
                if (!window.IsDirty) continue;
                if (window.StartMs + services.WindowMs + services.GraceMs <= dueMs || (services.KeepsReadings && window.Fresh >= services.ReadingsPerBlock))
                {
                    var (row, delta, readings) = window.Emit(id, series.Stream, series.Metric, commits.Current, series.Form, services.KeepsReadings);
                    if (series.Form.IsCounter) (counters ??= []).Add((row, delta, readings));
                    else commits.Add(row, delta, _coverage?.Take(window), readings);
                    _storedThroughMs = Math.Max(_storedThroughMs, window.StartMs);
                    emitted = true;
                    if (series.LatestMs != long.MinValue) commits.Add(id, new LatestValue(series.Stream.Kind, series.Metric, series.LatestMs, series.Latest));
                }
                else
                {
                    held.Add(window.Held);
                    nextDue = Math.Min(nextDue, DueOf(window.StartMs, dueMs));
                }
            }

            for (var i = (counters?.Count ?? 0) - 1; i >= 0; i--)
            {
                var (row, delta, readings) = counters![i];
                commits.Add(row, delta.ToldBy(Tell(row)), null, readings);
            }
        }

        return (nextDue, held, emitted);
    }

    private async Task LoadLatestAsync()
    {
        var stored = await services.LoadAsync(() => services.Store.LoadLatestAsync(this.GetPrimaryKeyString()));
        _stored = stored.Count == 0 ? null : stored;
        if (stored.Count > 0) _storedThroughMs = services.StartOf(stored.Max(value => value.EventMs));
        // Shown until a message says in which stream the metric lives now.
        foreach (var value in stored) AddSeries(new StreamName(string.Empty, string.Empty, value.Kind), value.Metric);
        _metricCount = stored.Count;
        _told = null;
        foreach (var value in stored)
        {
            if (services.Forms.Of(value.Kind, value.Metric).IsCounter) await LoadToldAsync(value);
        }
    }

    /// <summary>Takes reading <paramref name="index"/>; false when a window must be loaded first.</summary>
    private bool TryTake(DeviceMessage message, int index, ref bool fresh)
    {
        ref readonly var reading = ref message.Readings[index];
        var at = Find(message.Stream, reading.Metric);
        if (at < 0) at = FindOrAdd(message.Stream, reading.Metric);
        if (at < 0)
        {
            Refuse(message, index, RejectReason.BadMetric,
                $"The device already has {services.MaxMetrics} metrics (Window:MaxMetricsPerDevice); '{reading.Metric}' is one more.");
            return true;
        }

        ref var series = ref _series[at];
        var start = services.StartOf(message.EventMs);
        var window = series.Windows;
        if (window is null || window.StartMs != start)
        {
            window = series.Find(start);
            if (window is null)
            {
                // A series without a latest value never had a window.
                if (start <= _storedThroughMs && series.LatestMs != long.MinValue) return false;
                window = new OpenWindow(start);
                series.Insert(window);
            }
        }

        Take(ref series, window, message, reading.Value, ref fresh);
        return true;
    }

    private void Take(ref Series series, OpenWindow window, DeviceMessage message, double value, ref bool fresh)
    {
        window.Turn(message.Gateway);
        if (message.Position <= window.AppliedThrough) return; // replay: this window has absorbed the message already

        var late = message.ArrivalMs > window.StartMs + services.WindowMs + services.LatenessMs;
        var wasDirty = window.HeldPosition != long.MaxValue;
        // Without a time of its own and without a number, a message cannot be told from its resend: each one counts.
        var sequence = message is { EventTimeAssumed: true, Sequence: null } ? message.Position : message.Sequence;
        if (window.Add(message.Position, message.EventMs, sequence, value, late, series.Form, services.KeepsReadings))
        {
            fresh = true;
            if (message.Ncgi is not null && PendingCoverage.GridOf(message, series.Metric) is { } grid)
                (_coverage ??= new()).Add(window, message, grid, value);
            if (message.EventMs > series.LatestMs || (message.EventMs == series.LatestMs && value > series.Latest))
            {
                series.LatestMs = message.EventMs;
                series.Latest = value;
            }
        }

        if (!wasDirty)
        {
            var now = services.NowMs;
            var due = DueOf(window.StartMs, now);
            if (due < _nextDueMs || !_source.IsHeld) Schedule(due, new(message.Gateway, message.Position), now);
        }

        // More would fill the memory: what is there is stored with the next tick, and the window goes on from the store.
        if (services.KeepsReadings && window.Fresh == services.ReadingsPerBlock && services.NowMs + MinimumDelayMs is var soon && soon < _nextDueMs)
            Schedule(soon, window.Held, soon - MinimumDelayMs);
    }

    private async ValueTask IngestSlowly(DeviceMessage message, int from, bool fresh)
    {
        for (var i = from; i < message.Count; i++)
        {
            if (TryTake(message, i, ref fresh)) continue;
            var metric = message.Readings[i].Metric;
            var start = services.StartOf(message.EventMs);
            OpenWindow window;
            try
            {
                var row = await services.LoadAsync(() => services.Store.LoadWindowAsync(new(this.GetPrimaryKeyString(), message.Stream, metric, start)));
                window = row is null ? new OpenWindow(start) : OpenWindow.FromStore(row, services.KeepsReadings);
            }
            catch (Exception exception)
            {
                // Other readings of the message are in their windows, so the message cannot fail as a whole.
                Refuse(message, i, RejectReason.InternalError, $"The stored window of '{metric}' cannot be read: {exception.Message}");
                continue;
            }

            ref var series = ref _series[Find(message.Stream, metric)];
            series.Insert(window);
            Take(ref series, window, message, message.Readings[i].Value, ref fresh);
        }

        Finish(message, fresh);
    }

    private void Finish(DeviceMessage message, bool fresh)
    {
        if (!fresh) return;
        var id = this.GetPrimaryKeyString();
        if (services.Live.IsWatched(id)) services.Live.Publish(id, message);
    }

    private int Find(StreamName stream, string metric)
    {
        var all = _series;
        for (var i = 0; i < all.Length; i++)
        {
            // Names are interned by the decoder, so the first comparison nearly always decides.
            if (((object)all[i].Metric == metric || all[i].Metric == metric) && ((object)all[i].Stream == stream || all[i].Stream == stream)) return i;
        }

        return -1;
    }

    private void Refuse(DeviceMessage message, int index, string reason, string detail)
    {
        var stream = message.Stream;
        services.Commits.Add(new DeadLetter
        {
            Position = message.Position,
            Gateway = message.Gateway,
            Ordinal = RefusedOrdinal + index,
            ArrivalMs = message.ArrivalMs,
            CountedMs = services.StartOf(message.EventMs),
            Topic = $"city/{stream.Region}/{stream.Unit}/{stream.Kind}/{this.GetPrimaryKeyString()}",
            DeviceId = this.GetPrimaryKeyString(),
            Reason = reason,
            Detail = detail,
            Readings = 1,
            Payload = System.Text.Encoding.UTF8.GetBytes(message.Readings[index].Metric),
        });
    }

    /// <summary>A place for a series that has none yet; −1 when the device has as many metrics as it may.</summary>
    private int FindOrAdd(StreamName stream, string metric)
    {
        var known = Array.FindIndex(_series, s => s.Stream.Kind == stream.Kind && s.Metric == metric);
        if (known >= 0 && _series[known].Stream.Region.Length == 0)
        {
            _series[known].Stream = stream; // from the store, and now we know where it lives
            return known;
        }

        if (known < 0 && _metricCount >= services.MaxMetrics) return -1;
        if (known < 0) _metricCount++;
        AddSeries(stream, metric);
        return _series.Length - 1;
    }

    private void AddSeries(StreamName stream, string metric)
    {
        var stored = _stored?.FirstOrDefault(v => v.Kind == stream.Kind && v.Metric == metric);
        Array.Resize(ref _series, _series.Length + 1);
        ref var series = ref _series[^1];
        series.Stream = stream;
        series.Metric = services.Names.Intern(metric);
        series.Form = services.Forms.Of(stream.Kind, metric);
        series.LatestMs = stored?.EventMs ?? long.MinValue;
        series.Latest = stored?.Value ?? 0;
    }

    private long DueOf(long startMs, long nowMs)
    {
        var jitter = services.SpreadMs == 0 ? 0 : (uint)string.GetHashCode(this.GetPrimaryKeyString(), StringComparison.Ordinal) % services.SpreadMs;
        return Math.Max(startMs + services.WindowMs + services.GraceMs + jitter, nowMs + MinimumDelayMs);
    }

    private void Schedule(long dueMs, in HeldPositions held, long nowMs)
    {
        if (dueMs < _nextDueMs) _nextDueMs = dueMs;
        _wasScheduled = true;
        MarkHeld(held);
        services.Schedule.Add(dueMs, held, this.AsReference<IDeviceGrain>(), nowMs);
    }
}
