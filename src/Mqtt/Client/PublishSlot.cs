using System.Threading.Tasks.Sources;

namespace SmartCity.Mqtt;

/// <summary>
/// One place of the client's window: a packet identifier, the message under way, and whoever waits for its acknowledgement. Reused, so that
/// publishing allocates nothing. Everything but the awaiting is under the window's gate.
/// </summary>
internal sealed class PublishSlot(ushort packetId, PublishWindow owner) : IValueTaskSource<MqttReasonCode>
{
    /// <summary>A larger copy is given back after its message.</summary>
    private const int KeptBuffer = 16 * 1024;

    private ManualResetValueTaskSourceCore<MqttReasonCode> _core = new() { RunContinuationsAsynchronously = true };
    private byte[] _copy = [];

    public ushort PacketId { get; } = packetId;

    /// <summary>True from writing the PUBLISH to its last acknowledgement.</summary>
    public bool Busy { get; set; }

    /// <summary>True when nobody awaits it.</summary>
    public bool Pipelined { get; set; }

    /// <summary>True once the server has said PUBREC: from then on PUBREL is sent again, not the message.</summary>
    public bool Released { get; set; }

    /// <summary>True once PUBREL was sent again on a new connection: the server may have forgotten the identifier by then.</summary>
    public bool ReleasedAgain { get; set; }

    /// <summary>Place in the order of sending; of a released one, in the order of the PUBRECs.</summary>
    public long Order { get; set; }

    public long SentAt { get; set; }

    /// <summary>What is under way; topic, properties and payload only when the window keeps messages.</summary>
    public OutboundPublish Publish { get; private set; }

    /// <summary>Takes a message; with a copy, because the caller may use its memory again as soon as it is written.</summary>
    public void Hold(in OutboundPublish publish, bool keep)
    {
        Publish = new(default, default, default, publish.QoS, publish.Retain);
        if (!keep) return;
        int topic = publish.Topic.Length, properties = publish.Properties.Length, payload = publish.Payload.Length;
        if (_copy.Length < topic + properties + payload || _copy.Length > KeptBuffer) _copy = new byte[topic + properties + payload];
        publish.Topic.CopyTo(_copy);
        publish.Properties.CopyTo(_copy.AsMemory(topic));
        publish.Payload.CopyTo(_copy.AsMemory(topic + properties));
        Publish = new(_copy.AsMemory(0, topic), _copy.AsMemory(topic, properties), _copy.AsMemory(topic + properties, payload), publish.QoS, publish.Retain);
    }

    public ValueTask<MqttReasonCode> Begin()
    {
        _core.Reset();
        return new(this, _core.Version);
    }

    public void Complete(MqttReasonCode reason) => _core.SetResult(reason);

    public void Fail(Exception e) => _core.SetException(e);

    public MqttReasonCode GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            // Only now may the place serve another message: the awaiter has its answer.
            owner.Free(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
