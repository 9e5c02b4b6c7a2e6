using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;

namespace SmartCity.Silo;

/// <summary>
/// Who watches what, each browser with a send of its own. A browser whose last send of a topic has not ended is passed over, so a slow one misses
/// updates, delays nobody and queues nothing.
/// </summary>
internal sealed class LiveSubscribers(IHubContext<LiveHub> hub)
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, Subscriber>> _topics = new(StringComparer.Ordinal);

    public void Add(string topic, string connectionId)
    {
        while (true)
        {
            var subscribers = _topics.GetOrAdd(topic, static _ => new(StringComparer.Ordinal));
            subscribers.TryAdd(connectionId, new());
            // The last watcher may have left, and the topic with it, in between.
            if (_topics.TryGetValue(topic, out var current) && ReferenceEquals(current, subscribers)) return;
        }
    }

    public void Remove(string topic, string connectionId)
    {
        if (_topics.TryGetValue(topic, out var subscribers)) subscribers.TryRemove(connectionId, out _);
    }

    /// <summary>Forgets a topic that nobody watches any more.</summary>
    public void Forget(string topic)
    {
        if (_topics.TryGetValue(topic, out var subscribers) && subscribers.IsEmpty) _topics.TryRemove(KeyValuePair.Create(topic, subscribers));
    }

    /// <summary>Sends an event to everybody who watches the topic and is ready for it. Does not wait; the next event replaces one that was passed over.</summary>
    public void Send(string topic, string method, object argument, CancellationToken cancellationToken)
    {
        if (!_topics.TryGetValue(topic, out var subscribers)) return;
        foreach (var (connectionId, subscriber) in subscribers)
        {
            if (subscriber.Sending.IsCompleted) subscriber.Sending = hub.Clients.Client(connectionId).SendAsync(method, argument, cancellationToken);
        }
    }

    /// <summary>Like <see cref="Send"/>, but values that somebody was not ready for are kept, merged, for <see cref="SendMissed"/>: the last value always arrives.</summary>
    public void SendReading(string topic, LiveReading reading, CancellationToken cancellationToken)
    {
        if (!_topics.TryGetValue(topic, out var subscribers)) return;
        foreach (var (connectionId, subscriber) in subscribers)
        {
            if (subscriber.Sending.IsCompleted && subscriber.Missed.Count == 0)
                subscriber.Sending = hub.Clients.Client(connectionId).SendAsync("reading", reading, cancellationToken);
            else if (subscriber.Missed.TryGetValue(reading.Kind, out var missed)) missed.Merge(reading);
            else subscriber.Missed[reading.Kind] = reading.Clone();
        }
    }

    /// <summary>Sends kept values to those who are ready now.</summary>
    public void SendMissed(CancellationToken cancellationToken)
    {
        foreach (var subscribers in _topics.Values)
        {
            foreach (var (connectionId, subscriber) in subscribers)
            {
                if (subscriber.Missed.Count == 0 || !subscriber.Sending.IsCompleted) continue;
                var (kind, reading) = subscriber.Missed.First();
                subscriber.Missed.Remove(kind);
                subscriber.Sending = hub.Clients.Client(connectionId).SendAsync("reading", reading, cancellationToken);
            }
        }
    }

    private sealed class Subscriber
    {
        public Task Sending { get; set; } = Task.CompletedTask;

        /// <summary>Values by kind that wait until the last send has ended; used by the readings' loop only.</summary>
        public Dictionary<string, LiveReading> Missed { get; } = new(StringComparer.Ordinal);
    }
}
