namespace SmartCity.Mqtt;

/// <summary>What a peer did against the protocol. It ends the connection it was seen on, and no other.</summary>
/// <param name="ReasonCode">The code that a v5 DISCONNECT or CONNACK carries.</param>
/// <param name="Message">What was wrong, for a log reader or a v5 reason string; never contains payload bytes.</param>
/// <param name="Clause">The normative statement, numbered as in MQTT 5.0 (<c>MQTT-3.3.1-4</c>), or the section where there is no number.</param>
public sealed record MqttViolation(MqttReasonCode ReasonCode, string Message, string Clause)
{
    /// <summary>A packet that cannot be parsed (0x81).</summary>
    internal static MqttViolation Malformed(string message, string clause) => new(MqttReasonCode.MalformedPacket, message, clause);

    /// <summary>A packet that parses, but may not be sent so or here (0x82).</summary>
    internal static MqttViolation Protocol(string message, string clause) => new(MqttReasonCode.ProtocolError, message, clause);

    public override string ToString() => $"{Message} [{Clause}] (0x{(byte)ReasonCode:X2} {ReasonCode})";
}
