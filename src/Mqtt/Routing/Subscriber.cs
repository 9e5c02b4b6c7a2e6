namespace SmartCity.Mqtt;

/// <summary>One subscription of one session.</summary>
/// <param name="Id">v5 subscription identifier, 0 for none.</param>
internal sealed record Subscriber(MqttSession Session, MqttSubscription Options, uint Id)
{
    /// <summary>The identifier as a delivery carries it; null for none.</summary>
    public uint[]? Ids { get; } = Id == 0 ? null : [Id];
}
