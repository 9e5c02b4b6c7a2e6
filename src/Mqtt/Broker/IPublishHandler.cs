namespace SmartCity.Mqtt;

/// <summary>What the application does with inbound PUBLISH packets, and when they may be acknowledged.</summary>
public interface IPublishHandler
{
    /// <summary>
    /// Everything up to this ticket is durable; -1 when the handler does not say. A handler that says lets acknowledgements of one group commit go
    /// out while the next one is on its way; otherwise a connection's acknowledgements wait for its newest message.
    /// </summary>
    long DurableTicket => -1;

    /// <summary>
    /// Called on the connection's read loop, once per inbound PUBLISH of any QoS, in order; for QoS 2 only the first time, not for a resend of
    /// an identifier that is not released yet. Spans are valid only during the call. Must not block. An exception closes the connection.
    /// </summary>
    PublishResult Accept(in InboundPublish publish);

    /// <summary>
    /// Completes when everything up to the ticket is durable. Awaited by many connections at once, so it should not allocate.
    /// An exception closes the waiting connection without an acknowledgement.
    /// </summary>
    ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken);

    /// <summary>Awaited by the read loop after each batch, before it reads on: the back-pressure point. Usually completes synchronously.</summary>
    ValueTask WhenReadyAsync(CancellationToken cancellationToken);
}
