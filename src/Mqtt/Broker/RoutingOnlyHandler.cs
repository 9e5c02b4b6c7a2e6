namespace SmartCity.Mqtt;

/// <summary>A handler that keeps nothing: the broker only routes to subscribers and acknowledges at once.</summary>
public sealed class RoutingOnlyHandler : IPublishHandler
{
    public static RoutingOnlyHandler Instance { get; } = new();

    public PublishResult Accept(in InboundPublish publish) => PublishResult.Done;

    public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) => default;

    public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => default;
}
