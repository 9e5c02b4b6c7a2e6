using System.Text;

namespace SmartCity.Mqtt;

/// <summary>The last retained message of each topic (§3.3.1.3).</summary>
internal sealed class RetainedMessages(MqttLimits limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ApplicationMessage> _byTopic = new(StringComparer.Ordinal);
    private long _bytes;

    public int Count
    {
        get
        {
            lock (_gate) return _byTopic.Count;
        }
    }

    /// <summary>Keeps the messages over a restart; null: in memory only.</summary>
    public SessionJournal? Journal { get; set; }

    /// <summary>Keeps a message, or forgets the topic's when the payload is empty (MQTT-3.3.1-6). False when a limit forbids to keep it.</summary>
    /// <param name="ticket">Of the session journal; 0 for none.</param>
    public bool Set(ApplicationMessage message, out long ticket)
    {
        ticket = 0;
        var topic = Encoding.UTF8.GetString(message.Topic);
        lock (_gate)
        {
            var existed = _byTopic.Remove(topic, out var old);
            if (existed) _bytes -= old!.Size;
            var keeps = !message.Payload.IsEmpty && _byTopic.Count < limits.MaxRetainedMessages && _bytes + message.Size <= limits.MaxRetainedBytes;
            if (keeps)
            {
                _byTopic.Add(topic, message);
                _bytes += message.Size;
            }

            if (keeps) ticket = Journal?.Retained(message) ?? 0;
            else if (existed) ticket = Journal?.NotRetained(message.Topic) ?? 0;
            return keeps || message.Payload.IsEmpty;
        }
    }

    /// <summary>Takes over what an earlier process left, whatever the limits are now.</summary>
    public void Restore(IEnumerable<KeyValuePair<string, ApplicationMessage>> messages)
    {
        lock (_gate)
        {
            foreach (var (topic, message) in messages)
            {
                _byTopic[topic] = message;
                _bytes += message.Size;
            }
        }
    }

    /// <summary>Topics that have a message now.</summary>
    public List<string> Topics()
    {
        lock (_gate) return [.. _byTopic.Keys];
    }

    /// <summary>States a topic's message anew in the journal, if it still has one.</summary>
    public void State(string topic)
    {
        lock (_gate)
        {
            if (_byTopic.TryGetValue(topic, out var message)) Journal?.Retained(message);
        }
    }

    /// <summary>The messages that match a filter and have not expired at <paramref name="now"/> (Unix milliseconds).</summary>
    public List<ApplicationMessage> Match(string filter, long now)
    {
        var bytes = Encoding.UTF8.GetBytes(filter);
        var found = new List<ApplicationMessage>();
        lock (_gate)
        {
            if (!filter.AsSpan().ContainsAny('+', '#'))
            {
                if (_byTopic.TryGetValue(filter, out var one) && one.ExpiresAt > now) found.Add(one);
                return found;
            }

            foreach (var message in _byTopic.Values)
            {
                if (message.ExpiresAt > now && MqttTopic.Matches(bytes, message.Topic)) found.Add(message);
            }
        }

        return found;
    }

    /// <summary>Forgets what has expired.</summary>
    public void RemoveExpired(long now)
    {
        lock (_gate)
        {
            foreach (var (topic, message) in _byTopic)
            {
                if (message.ExpiresAt > now) continue;
                _byTopic.Remove(topic);
                _bytes -= message.Size;
            }
        }
    }
}
