using System.Threading.Tasks.Sources;

namespace SmartCity.Mqtt;

/// <summary>One place of the client's window: a packet identifier, and whoever waits for its acknowledgement. Reused, so that publishing allocates nothing.</summary>
internal sealed class PublishSlot(ushort packetId, ClientConnection owner) : IValueTaskSource<MqttReasonCode>
{
    private ManualResetValueTaskSourceCore<MqttReasonCode> _core = new() { RunContinuationsAsynchronously = true };

    public ushort PacketId { get; } = packetId;

    /// <summary>True from writing the PUBLISH to its last acknowledgement. Under the output's gate.</summary>
    public bool Busy { get; set; }

    /// <summary>True when nobody awaits it.</summary>
    public bool Pipelined { get; set; }

    public long SentAt { get; set; }

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
