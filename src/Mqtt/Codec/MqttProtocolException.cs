namespace SmartCity.Mqtt;

/// <summary>The peer broke the protocol; the connection is closed.</summary>
public sealed class MqttProtocolException : IOException
{
    public MqttProtocolException()
    {
    }

    public MqttProtocolException(string message)
        : base(message)
    {
    }

    public MqttProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public MqttProtocolException(MqttViolation violation)
        : base(violation?.ToString()) => Violation = violation;

    /// <summary>What was wrong; null when the exception was made from a plain message.</summary>
    public MqttViolation? Violation { get; }
}
