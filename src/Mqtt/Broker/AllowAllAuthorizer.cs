namespace SmartCity.Mqtt;

/// <summary>Everybody may do everything: the default for a broker that listens on loopback only.</summary>
public sealed class AllowAllAuthorizer : IMqttAuthorizer
{
    public static AllowAllAuthorizer Instance { get; } = new();

    public ValueTask<MqttReasonCode> AuthorizeConnectAsync(MqttConnectRequest request, CancellationToken cancellationToken) => new(MqttReasonCode.Success);

    public bool CanPublish(MqttConnectionInfo connection, ReadOnlySpan<byte> topic) => true;

    public bool CanSubscribe(MqttConnectionInfo connection, string filter) => true;
}
