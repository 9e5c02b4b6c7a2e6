using System.Threading.Channels;

namespace SmartCity.Mqtt;

/// <summary>
/// The received messages of one connection that wait for their handlers, and what of them may be acknowledged: a message gets a ticket, and
/// everything up to the first one that is not done is durable in the sense of <see cref="IPublishHandler"/>. So acknowledgements may be given in any
/// order and go out in the order of the messages.
/// </summary>
internal sealed class ClientDeliveries(
    ClientSession session, ClientConnection connection, int capacity, Func<MqttDelivery, CancellationToken, ValueTask> dispatch) : IPublishHandler
{
    private readonly Channel<MqttDelivery> _waiting = Channel.CreateUnbounded<MqttDelivery>(new() { SingleReader = true, SingleWriter = true });
    private readonly AsyncSignal _room = new();
    private readonly CommitWaiters _waiters = new();
    private readonly Lock _lock = new();
    private readonly HashSet<long> _done = [];
    private long _last;
    private long _durable;
    private int _count;

    public long DurableTicket => Volatile.Read(ref _durable);

    public PublishResult Accept(in InboundPublish publish) => Accept(publish, 0);

    public PublishResult Accept(in InboundPublish publish, ushort packetId)
    {
        var ticket = publish.QoS == MqttQoS.AtMostOnce ? 0 : ++_last;
        var message = new MqttMessage(System.Text.Encoding.UTF8.GetString(publish.Topic), publish.Payload.ToArray(), publish.QoS, publish.Retain, publish.Duplicate)
        {
            PacketId = packetId,
            Properties = publish.Properties.IsEmpty ? null : MqttProperties.FromValidated(publish.Properties, PropertyScopes.Publish),
        };
        Interlocked.Increment(ref _count);
        _waiting.Writer.TryWrite(new(message, this, ticket));
        return new(ticket);
    }

    public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) =>
        ticket <= DurableTicket ? default : new(_waiters.WaitAsync(ticket).AsTask().WaitAsync(cancellationToken));

    /// <summary>Holds the read loop back while the handlers are behind. One more read may still land here.</summary>
    public async ValueTask WhenReadyAsync(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _count) >= capacity && !cancellationToken.IsCancellationRequested) await _room.WaitAsync().ConfigureAwait(false);
    }

    public void Start(CancellationToken stop) => _ = RunAsync(stop);

    public void Close()
    {
        _waiting.Writer.TryComplete();
        _room.Close();
    }

    /// <summary>A handler begins with a QoS 2 message: should the connection end now, a resend is not delivered beside it.</summary>
    public void Begin(MqttDelivery delivery)
    {
        if (delivery.Message.QoS == MqttQoS.ExactlyOnce) session.Taken(connection, delivery.Message.PacketId);
    }

    public void Abandon(MqttDelivery delivery)
    {
        if (delivery.Message.QoS == MqttQoS.ExactlyOnce) session.Release(connection, delivery.Message.PacketId);
    }

    /// <summary>The message is taken: its acknowledgement goes out when those before it have. A QoS 2 message will not be delivered again.</summary>
    public void Done(MqttDelivery delivery)
    {
        if (delivery.Ticket == 0) return;
        if (delivery.Message.QoS == MqttQoS.ExactlyOnce) session.Taken(connection, delivery.Message.PacketId);
        lock (_lock)
        {
            _done.Add(delivery.Ticket);
            var durable = _durable;
            while (_done.Remove(durable + 1)) durable++;
            if (durable == _durable) return;
            Volatile.Write(ref _durable, durable);
            _waiters.Release(durable);
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var delivery in _waiting.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                await dispatch(delivery, stop).ConfigureAwait(false);
                if (Interlocked.Decrement(ref _count) == capacity - 1) _room.Set();
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended; the server sends again what was not acknowledged.
        }
    }
}
