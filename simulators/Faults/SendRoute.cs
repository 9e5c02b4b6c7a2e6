namespace SmartCity.Simulators;

/// <summary>Over which connection a message leaves.</summary>
public enum SendRoute
{
    /// <summary>The device's own, sent again until it is acknowledged.</summary>
    Normal,

    /// <summary>Not at all.</summary>
    Lost,

    /// <summary>A new connection with an old password, one try.</summary>
    StaleCredentials,

    /// <summary>A new MQTT 3.1.1 connection that does not know the broker's largest packet, one try.</summary>
    Oversized,
}
