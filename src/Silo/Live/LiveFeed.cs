using System.Collections.Concurrent;

namespace SmartCity.Silo;

/// <summary>
/// New values of the devices that somebody watches. Values of one device are merged until the next flush: a slow watcher misses intermediate
/// values, never the last, and nothing grows.
/// </summary>
internal sealed class LiveFeed : ILiveFeed
{
    private readonly ConcurrentDictionary<string, int> _watched = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private Dictionary<(string Device, string Kind), LiveReading> _pending = [];
    private volatile bool _any;

    public bool IsWatched(string deviceId) => _any && _watched.ContainsKey(deviceId);

    public void Publish(string deviceId, DeviceMessage message)
    {
        lock (_lock)
        {
            if (!_pending.TryGetValue((deviceId, message.Stream.Kind), out var reading))
                _pending[(deviceId, message.Stream.Kind)] = reading = new(deviceId, message.Stream.Kind);
            if (message.EventMs < reading.TimeMs) return; // the latest is the last measured
            reading.TimeMs = message.EventMs;
            for (var i = 0; i < message.Count; i++) reading.Values[message.Readings[i].Metric] = message.Readings[i].Value;
        }
    }

    public void Watch(string deviceId)
    {
        _watched.AddOrUpdate(deviceId, 1, static (_, n) => n + 1);
        _any = true;
    }

    public void Unwatch(string deviceId)
    {
        while (_watched.TryGetValue(deviceId, out var n))
        {
            if (n == 1 ? _watched.TryRemove(KeyValuePair.Create(deviceId, 1)) : _watched.TryUpdate(deviceId, n - 1, n)) break;
        }

        _any = !_watched.IsEmpty;
    }

    /// <summary>What came since the last call.</summary>
    public IReadOnlyCollection<LiveReading> Take()
    {
        lock (_lock)
        {
            if (_pending.Count == 0) return [];
            var taken = _pending.Values;
            _pending = [];
            return taken;
        }
    }
}
