namespace SmartCity.Mqtt;

/// <summary>A client could not connect: the network failed, or the server refused.</summary>
public sealed class MqttConnectException : IOException
{
    public MqttConnectException()
    {
    }

    public MqttConnectException(string message)
        : base(message)
    {
    }

    public MqttConnectException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Why the server refused; null when it did not come to that.</summary>
    public MqttReasonCode? ReasonCode { get; init; }
}
