namespace SmartCity.Mqtt;

/// <summary>Which browsers may open an MQTT connection.</summary>
public sealed class MqttWebSocketOptions
{
    /// <summary>Origins such as <c>https://map.example.org</c>, beside the server's own. A client that is no browser sends none and is not asked.</summary>
    public IReadOnlyCollection<string> AllowedOrigins { get; set; } = [];
}
