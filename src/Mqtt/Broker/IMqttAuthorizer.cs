namespace SmartCity.Mqtt;

/// <summary>Who may connect, publish and subscribe.</summary>
public interface IMqttAuthorizer
{
    /// <summary>Decides on a CONNECT: <see cref="MqttReasonCode.Success"/>, or the reason of the refusal (0x86, 0x87, 0x88, 0x89, 0x8A, 0x97…).</summary>
    ValueTask<MqttReasonCode> AuthorizeConnectAsync(MqttConnectRequest request, CancellationToken cancellationToken);

    /// <summary>Whether a client may publish to a topic (UTF-8). Called for every PUBLISH: must not block or allocate.</summary>
    bool CanPublish(MqttConnectionInfo connection, ReadOnlySpan<byte> topic);

    /// <summary>Whether a client may subscribe to a filter.</summary>
    bool CanSubscribe(MqttConnectionInfo connection, string filter);

    /// <summary>What SUBACK says of a filter that <see cref="CanSubscribe"/> has just refused: 0x87, or 0x80 where the reason is nobody's business (§3.9.3).</summary>
    MqttReasonCode ReasonNotToSubscribe(MqttConnectionInfo connection, string filter) => MqttReasonCode.NotAuthorized;
}
