namespace SmartCity.Mqtt;

/// <summary>What happened to a client's connection.</summary>
public enum MqttConnectionState
{
    /// <summary>CONNACK has accepted; subscriptions are made.</summary>
    Connected,

    /// <summary>The connection ended; with <see cref="MqttClientOptions.Reconnect"/> the client tries to come back.</summary>
    Lost,

    /// <summary>An attempt failed; another follows.</summary>
    Failed,

    /// <summary>The client does not try any more: another client has taken its session over.</summary>
    Stopped,
}
