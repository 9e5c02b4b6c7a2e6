namespace SmartCity.Gateway;

/// <summary>Looks at the running sums once a second and turns differences into rates and means. Used by one thread.</summary>
public sealed class OverviewSampler(IngestPump pump, GatewayOptions options, Geography geography, TimeProvider clock)
{
    private const int MeanSeconds = 60;
    private const int MaxMapPoints = 500; // per second; a browser can draw no more, and the next second has the next ones

    private readonly Queue<(long TimeMs, Dictionary<(string, string), KindSample> Kinds)> _history = new();
    private long _mapTimeMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
    private int _mapStart;

    /// <summary>Takes a sample. Rates are over the last second (or however long ago the last sample was), means over the last minute.</summary>
    public Overview Sample()
    {
        var now = clock.GetUtcNow();
        var nowMs = now.ToUnixTimeMilliseconds();
        var current = pump.Topics.Tallies.ToDictionary(t => (t.Region, t.Kind), t => new KindSample(t.Messages, t.Readings, t.Snapshot()));
        var newest = _history.Count > 0 ? _history.Last() : (TimeMs: nowMs, Kinds: current);
        while (_history.Count > 1 && _history.Peek().TimeMs < nowMs - (MeanSeconds * 1000)) _history.Dequeue();
        var oldest = _history.Count > 0 ? _history.Peek() : (TimeMs: nowMs, Kinds: []);
        _history.Enqueue((nowMs, current));
        var devices = CountDevices(nowMs);
        var seconds = Math.Max(0.001, (nowMs - newest.TimeMs) / 1000.0);

        var areas = new List<OverviewArea> { AreaOf(geography.Nation.Code, AreaCodes.Regions) };
        foreach (var region in AreaCodes.Regions) areas.Add(AreaOf(region, [region]));
        return new(now, areas);

        OverviewArea AreaOf(string code, IReadOnlyList<string> regions)
        {
            double messages = 0, readings = 0;
            var kinds = new SortedDictionary<string, (int Devices, Dictionary<string, (double Sum, long Count)> Metrics)>(StringComparer.Ordinal);
            int online = 0, silent = 0;
            foreach (var ((region, kind), sample) in current)
            {
                if (!regions.Contains(region)) continue;
                if (newest.Kinds.TryGetValue((region, kind), out var before))
                {
                    messages += (sample.Messages - before.Messages) / seconds;
                    readings += (sample.Readings - before.Readings) / seconds;
                }

                if (!kinds.TryGetValue(kind, out var known)) kinds[kind] = known = (0, []);
                AddMeans(known.Metrics, kind, sample, oldest.Kinds.GetValueOrDefault((region, kind)));
            }

            foreach (var ((region, kind), count) in devices)
            {
                if (!regions.Contains(region)) continue;
                online += count.Online;
                silent += count.Silent;
                var known = kinds.GetValueOrDefault(kind, (0, []));
                kinds[kind] = (known.Devices + count.Online + count.Silent, known.Metrics);
            }

            return new(code, messages, readings, online, silent, kinds.Select(k => new OverviewKind(k.Key, k.Value.Devices,
                [.. k.Value.Metrics.Where(m => m.Value.Count > 0).Select(m => new OverviewMetric(m.Key, m.Value.Sum / m.Value.Count, m.Value.Count))])).ToList());
        }
    }

    /// <summary>Devices that sent something since the last call, at most 500; what is left out comes with its next message.</summary>
    public IReadOnlyList<MapPoint> SampleMap()
    {
        var since = _mapTimeMs;
        _mapTimeMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var points = new List<MapPoint>();
        var all = pump.Devices.All;
        for (var i = 0; i < all.Length && points.Count < MaxMapPoints; i++)
        {
            // Start where the last sample ended, so that a busy city shows all of its devices in turn.
            var device = all[(_mapStart + i) % all.Length];
            if (device.LastSeenMs < since || double.IsNaN(device.Latitude) || double.IsNaN(device.Longitude)) continue;
            points.Add(new(device.Id, device.Stream.Kind, device.Stream.Unit, device.Latitude, device.Longitude,
                double.IsNaN(device.MainValue) ? null : device.MainValue, device.LastSeenMs));
            if (points.Count == MaxMapPoints) _mapStart = (_mapStart + i + 1) % all.Length;
        }

        return points;
    }

    private void AddMeans(Dictionary<string, (double Sum, long Count)> metrics, string kind, KindSample sample, KindSample? before)
    {
        if (pump.Topics.FindKind(kind) is not { } table) return;
        foreach (var (name, index) in table.Names())
        {
            if (index >= sample.Metrics.Length) continue;
            var (sum, count) = sample.Metrics[index];
            if (before is not null && index < before.Metrics.Length)
            {
                sum -= before.Metrics[index].Sum;
                count -= before.Metrics[index].Count;
            }

            if (count <= 0) continue;
            var known = metrics.GetValueOrDefault(name);
            metrics[name] = (known.Sum + sum, known.Count + count);
        }
    }

    private Dictionary<(string Region, string Kind), (int Online, int Silent)> CountDevices(long nowMs)
    {
        var counts = new Dictionary<(string, string), (int Online, int Silent)>();
        var silentBefore = nowMs - (options.SilentAfterSeconds * 1000L);
        foreach (var device in pump.Devices.All)
        {
            var key = (device.Stream.Region, device.Stream.Kind);
            var (online, silent) = counts.GetValueOrDefault(key);
            counts[key] = device.LastSeenMs >= silentBefore ? (online + 1, silent) : (online, silent + 1);
        }

        return counts;
    }

    private sealed record KindSample(long Messages, long Readings, (double Sum, long Count)[] Metrics);
}
