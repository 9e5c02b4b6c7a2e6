namespace SmartCity.Mqtt;

/// <summary>The connection ended before the operation was acknowledged. Whether the server took it is unknown: at least once means to send it again.</summary>
public sealed class MqttConnectionLostException : IOException
{
    public MqttConnectionLostException()
    {
    }

    public MqttConnectionLostException(string message)
        : base(message)
    {
    }

    public MqttConnectionLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The reason of the server's v5 DISCONNECT; null when there was none.</summary>
    public MqttReasonCode? ReasonCode { get; init; }
}
