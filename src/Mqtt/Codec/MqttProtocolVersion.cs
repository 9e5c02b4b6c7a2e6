namespace SmartCity.Mqtt;

/// <summary>The protocol level of CONNECT (§3.1.2.2).</summary>
public enum MqttProtocolVersion : byte
{
    /// <summary>Not negotiated yet.</summary>
    Unknown = 0,

    /// <summary>MQTT 3.1.1.</summary>
    V311 = 4,

    /// <summary>MQTT 5.0.</summary>
    V500 = 5,
}
