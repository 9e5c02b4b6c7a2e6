namespace SmartCity.Mqtt;

/// <summary>A message whose acknowledgement its handler gives, when and from where it likes.</summary>
public sealed class MqttDelivery
{
    private readonly ClientDeliveries _owner;
    private int _missing = 1;

    internal MqttDelivery(MqttMessage message, ClientDeliveries owner, long ticket)
    {
        Message = message;
        _owner = owner;
        Ticket = ticket;
    }

    /// <summary>The message.</summary>
    public MqttMessage Message { get; }

    internal long Ticket { get; }

    /// <summary>
    /// Acknowledges the message, from any thread and in any order: PUBACK and PUBREC go out in the order of the messages (MQTT-4.6.0-2).
    /// Nothing happens for QoS 0, the second time, and when the connection that brought the message is gone: then the server sends it again.
    /// Where several subscriptions of this client match, each of them gives its own.
    /// </summary>
    public void Acknowledge()
    {
        if (Interlocked.Decrement(ref _missing) == 0) _owner.Done(this);
    }

    /// <summary>A handler takes it: from here on a resend is not delivered a second time.</summary>
    internal void Begin() => _owner.Begin(this);

    /// <summary>The handler gave up: a resend is delivered again.</summary>
    internal void Abandon() => _owner.Abandon(this);

    /// <summary>So many acknowledgements are wanted.</summary>
    internal void Expect(int count) => _missing = count;
}
