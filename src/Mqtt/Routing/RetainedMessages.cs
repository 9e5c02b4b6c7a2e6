using System.Text;

namespace SmartCity.Mqtt;

/// <summary>The last retained message of each topic, in memory (§3.3.1.3).</summary>
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

    /// <summary>Keeps a message, or forgets the topic's when the payload is empty (MQTT-3.3.1-6). False when a limit forbids to keep it.</summary>
    public bool Set(ApplicationMessage message)
    {
        var topic = Encoding.UTF8.GetString(message.Topic);
        lock (_gate)
        {
            if (_byTopic.Remove(topic, out var old)) _bytes -= old.Size;
            if (message.Payload.IsEmpty) return true;
            if (_byTopic.Count >= limits.MaxRetainedMessages || _bytes + message.Size > limits.MaxRetainedBytes) return false;
            _byTopic.Add(topic, message);
            _bytes += message.Size;
            return true;
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
