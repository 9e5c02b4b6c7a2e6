using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>Puts every PUBLISH into the intake log; the broker acknowledges it when the log holds it durably. What is wrong with it is found afterwards.</summary>
public sealed class GatewayPublishHandler(IntakeLog log) : IPublishHandler
{
    /// <inheritdoc/>
    public long DurableTicket => log.Durable;

    /// <inheritdoc/>
    public PublishResult Accept(in InboundPublish publish) => new(log.Append(publish.Topic, publish.Payload));

    /// <inheritdoc/>
    public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) => log.WhenDurableAsync(ticket);

    /// <inheritdoc/>
    public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => log.WhenReadyAsync(cancellationToken);
}
