namespace SmartCity.Grains;

/// <summary>What others may ask.</summary>
public sealed partial class DeviceGrain
{
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
                rows.Add(window.Peek(this.GetPrimaryKeyString(), series.Stream, series.Metric, series.Form));
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
}
