namespace SmartCity.Grains;

/// <inheritdoc cref="IDeviceGrain"/>
/// <remarks>
/// Exactness. A device's messages arrive in the order of the intake log. Each stored window says up to which position it has absorbed
/// (<see cref="DeviceWindow.AppliedThrough"/>), so a message that replay brings again is skipped by the windows that have it and taken by
/// those that have not. A window leaves the memory only when a commit holds it; a reading for a window that has left loads it again.
/// </remarks>
public sealed class DeviceGrain(DeviceServices services) : Grain, IDeviceGrain
{
    private const long MinimumDelayMs = 1000;
    private const int RefusedOrdinal = 1 << 20; // apart from the ordinals that the decoder gives
    private const string DriveTestKind = "mdt";

    private Series[] _series = [];
    private IReadOnlyList<LatestValue>? _stored; // what the store knew when the grain was activated
    private long _nextDueMs = long.MaxValue;
    private bool _isHeld; // the schedule knows the oldest position that no commit has

    /// <summary>Brings back the latest values of a device that the store knows.</summary>
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        services.Registry.IsStored(this.GetPrimaryKeyString()) ? LoadLatestAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask Ingest(DeviceMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var fresh = false;
        for (var i = 0; i < message.Count; i++)
        {
            if (!TryTake(message, i, ref fresh)) return IngestSlowly(message, i, fresh);
        }

        return Finish(message, fresh);
    }

    /// <inheritdoc/>
    public ValueTask CloseWindows(long dueMs)
    {
        if (dueMs < _nextDueMs) return default; // an earlier registration overtook this one
        var id = this.GetPrimaryKeyString();
        var commits = services.Commits;
        var (nextDue, held) = (long.MaxValue, long.MaxValue);
        _nextDueMs = long.MaxValue;
        _isHeld = false;
        var emitted = false;
        foreach (ref var series in _series.AsSpan())
        {
            series.Forget(commits.Committed);
            for (var window = series.Windows; window is not null; window = window.Next)
            {
                if (!window.IsDirty) continue;
                if (window.StartMs + services.WindowMs + services.GraceMs <= dueMs)
                {
                    var (row, delta) = window.Emit(id, series.Stream, series.Metric, commits.Current);
                    commits.Add(row, delta);
                    series.StoredThroughMs = Math.Max(series.StoredThroughMs, window.StartMs);
                    emitted = true;
                    if (!series.LatestDirty) continue;
                    commits.Add(id, new LatestValue(series.Stream.Kind, series.Metric, series.LatestMs, series.Latest));
                    series.LatestDirty = false;
                }
                else
                {
                    held = Math.Min(held, window.HeldPosition);
                    nextDue = Math.Min(nextDue, DueOf(window.StartMs, dueMs));
                }
            }
        }

        // Once more after the commit, to let go of what was emitted now.
        if (emitted) nextDue = Math.Min(nextDue, dueMs + (2 * MinimumDelayMs));
        if (nextDue != long.MaxValue) Schedule(nextDue, held);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<DeviceSnapshot> GetSnapshot()
    {
        var latest = new Dictionary<(string, string), LatestValue>();
        long buffered = 0;
        foreach (ref readonly var series in _series.AsSpan())
        {
            if (series.LatestMs != long.MinValue
                && (!latest.TryGetValue((series.Stream.Kind, series.Metric), out var known) || known.EventMs < series.LatestMs))
                latest[(series.Stream.Kind, series.Metric)] = new(series.Stream.Kind, series.Metric, series.LatestMs, series.Latest);
            for (var window = series.Windows; window is not null; window = window.Next) buffered += window.Buffered(services.Commits.Committed);
        }

        return new(new DeviceSnapshot { Id = this.GetPrimaryKeyString(), Latest = [.. latest.Values], Buffered = buffered });
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeviceWindow>> GetOpenWindows(string metric)
    {
        var rows = new List<DeviceWindow>();
        foreach (ref readonly var series in _series.AsSpan())
        {
            if (series.Metric != metric) continue;
            for (var window = series.Windows; window is not null; window = window.Next)
                rows.Add(window.Peek(this.GetPrimaryKeyString(), series.Stream, series.Metric));
        }

        return new(rows);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BufferedCount>> GetBuffered()
    {
        const long HourMs = 3_600_000;
        var hours = new SortedDictionary<long, long>();
        foreach (ref readonly var series in _series.AsSpan())
        {
            for (var window = series.Windows; window is not null; window = window.Next)
            {
                var n = window.Buffered(services.Commits.Committed);
                if (n == 0) continue;
                var hour = window.StartMs - (window.StartMs % HourMs);
                hours[hour] = hours.GetValueOrDefault(hour) + n;
            }
        }

        return new(hours.Select(h => new BufferedCount(h.Key, h.Value)).ToList());
    }

    private async Task LoadLatestAsync()
    {
        var stored = await services.Store.LoadLatestAsync(this.GetPrimaryKeyString());
        _stored = stored.Count == 0 ? null : stored;
        // Shown until a message says in which stream the metric lives now.
        foreach (var value in stored) AddSeries(new StreamName(string.Empty, string.Empty, value.Kind), value.Metric);
    }

    /// <summary>Takes reading <paramref name="index"/>; false when a window must be loaded first.</summary>
    private bool TryTake(DeviceMessage message, int index, ref bool fresh)
    {
        ref readonly var reading = ref message.Readings[index];
        var at = Find(message.Stream, reading.Metric);
        if (at < 0 && _series.Length >= services.MaxMetrics)
        {
            Refuse(message, index);
            return true;
        }

        ref var series = ref at < 0 ? ref AddSeries(message.Stream, reading.Metric) : ref _series[at];
        var start = services.StartOf(message.EventMs);
        var window = series.Windows;
        if (window is null || window.StartMs != start)
        {
            window = series.Find(start);
            if (window is null)
            {
                if (start <= series.StoredThroughMs) return false;
                window = new OpenWindow(start);
                series.Insert(window);
            }
        }

        Take(ref series, window, message, reading.Value, ref fresh);
        return true;
    }

    private void Take(ref Series series, OpenWindow window, DeviceMessage message, double value, ref bool fresh)
    {
        // Replay: this window has absorbed the message already. Who listens further on (coverage) keeps its own mark.
        if (message.Position <= window.AppliedThrough)
        {
            fresh = true;
            return;
        }

        var late = message.ArrivalMs > window.StartMs + services.WindowMs + services.LatenessMs;
        var wasDirty = window.IsDirty;
        // Without a time of its own and without a number, a message cannot be told from its resend: each one counts.
        var sequence = message is { EventTimeAssumed: true, Sequence: null } ? message.Position : message.Sequence;
        if (window.Add(message.Position, message.EventMs, sequence, value, late))
        {
            fresh = true;
            if (message.EventMs > series.LatestMs || (message.EventMs == series.LatestMs && value > series.Latest))
            {
                series.LatestMs = message.EventMs;
                series.Latest = value;
                series.LatestDirty = true;
            }
        }

        if (!wasDirty)
        {
            var due = DueOf(window.StartMs, services.NowMs);
            if (due < _nextDueMs || !_isHeld) Schedule(due, message.Position);
        }
    }

    private async ValueTask IngestSlowly(DeviceMessage message, int from, bool fresh)
    {
        for (var i = from; i < message.Count; i++)
        {
            if (TryTake(message, i, ref fresh)) continue;
            var metric = message.Readings[i].Metric;
            var start = services.StartOf(message.EventMs);
            var row = await services.Store.LoadWindowAsync(new(this.GetPrimaryKeyString(), message.Stream, metric, start));
            ref var series = ref _series[Find(message.Stream, metric)];
            var window = row is null ? new OpenWindow(start) : OpenWindow.FromStore(row);
            series.Insert(window);
            Take(ref series, window, message, message.Readings[i].Value, ref fresh);
        }

        await Finish(message, fresh);
    }

    private ValueTask Finish(DeviceMessage message, bool fresh)
    {
        if (!fresh) return default;
        var id = this.GetPrimaryKeyString();
        if (services.Live.IsWatched(id)) services.Live.Publish(id, message);
        return message.Ncgi is { } ncgi && message.Stream.Kind == DriveTestKind ? ForwardToCoverage(message, ncgi) : default;
    }

    private ValueTask ForwardToCoverage(DeviceMessage message, string ncgi)
    {
        var plmn = ncgi[..ncgi.LastIndexOf('-')];
        double rsrp = double.NaN, rsrq = double.NaN, sinr = double.NaN;
        foreach (ref readonly var reading in message.Readings.AsSpan(0, message.Count))
        {
            switch (reading.Metric)
            {
                case "rsrp": rsrp = reading.Value; break;
                case "rsrq": rsrq = reading.Value; break;
                case "sinr": sinr = reading.Value; break;
            }
        }

        var tile = TileId.Of(message.Latitude, message.Longitude, TileId.BaseZoom);
        return GrainFactory.GetGrain<ICoverageTileGrain>($"{plmn}/{tile}").Take(new(message.Position, message.EventMs, rsrp, rsrq, sinr));
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

    private void Refuse(DeviceMessage message, int index)
    {
        var stream = message.Stream;
        services.Commits.Add(new DeadLetter
        {
            Position = message.Position,
            Ordinal = RefusedOrdinal + index,
            ArrivalMs = message.ArrivalMs,
            Topic = $"city/{stream.Region}/{stream.Unit}/{stream.Kind}/{this.GetPrimaryKeyString()}",
            DeviceId = this.GetPrimaryKeyString(),
            Reason = RejectReason.BadMetric,
            Detail = $"The device already has {services.MaxMetrics} metrics (Window:MaxMetricsPerDevice); '{message.Readings[index].Metric}' is one more.",
            Readings = 1,
            Payload = System.Text.Encoding.UTF8.GetBytes(message.Readings[index].Metric),
        });
    }

    private ref Series AddSeries(StreamName stream, string metric)
    {
        var stored = _stored?.FirstOrDefault(v => v.Kind == stream.Kind && v.Metric == metric);
        Array.Resize(ref _series, _series.Length + 1);
        ref var series = ref _series[^1];
        series.Stream = stream;
        series.Metric = metric;
        series.LatestMs = stored?.EventMs ?? long.MinValue;
        series.Latest = stored?.Value ?? 0;
        series.StoredThroughMs = stored is null ? long.MinValue : services.StartOf(stored.EventMs);
        return ref series;
    }

    private long DueOf(long startMs, long nowMs)
    {
        var jitter = services.SpreadMs == 0 ? 0 : (uint)string.GetHashCode(this.GetPrimaryKeyString(), StringComparison.Ordinal) % services.SpreadMs;
        return Math.Max(startMs + services.WindowMs + services.GraceMs + jitter, nowMs + MinimumDelayMs);
    }

    private void Schedule(long dueMs, long position)
    {
        if (dueMs < _nextDueMs) _nextDueMs = dueMs;
        _isHeld |= position != long.MaxValue;
        services.Schedule.Add(dueMs, position, this.AsReference<IDeviceGrain>());
    }
}
