namespace SmartCity.Mqtt;

/// <summary>What carries a client's bytes.</summary>
public enum MqttClientTransport
{
    /// <summary><c>mqtt://</c> or <c>tcp://</c>, port 1883.</summary>
    Tcp,

    /// <summary><c>mqtts://</c> or <c>ssl://</c>, port 8883.</summary>
    Tls,

    /// <summary><c>ws://</c>, port 80.</summary>
    WebSocket,

    /// <summary><c>wss://</c>, port 443.</summary>
    WebSocketTls,
}
