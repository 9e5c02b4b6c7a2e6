namespace SmartCity.Mqtt;

/// <summary>What the parser answers.</summary>
public enum MqttParseStatus
{
    /// <summary>The bytes so far are a valid beginning; more are needed.</summary>
    NeedMore,

    /// <summary>One whole packet.</summary>
    Packet,

    /// <summary>The bytes can never become a valid packet.</summary>
    Violation,
}
