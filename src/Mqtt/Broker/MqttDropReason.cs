namespace SmartCity.Mqtt;

/// <summary>Why a message was not delivered to a subscriber or not retained: the values of the <c>reason</c> tag of <c>mqtt.drops</c>.</summary>
public static class MqttDropReason
{
    /// <summary>QoS 0 to a session whose queue is full.</summary>
    public const string SlowSubscriber = "slow-subscriber";

    /// <summary>QoS 1 or 2 to a session whose queue is full; a connected one is disconnected.</summary>
    public const string QueueFull = "queue-full";

    /// <summary>The message expired before it could be sent.</summary>
    public const string Expired = "expired";

    /// <summary>Larger than the subscriber's own maximum packet size.</summary>
    public const string TooLargeForSubscriber = "too-large-for-subscriber";

    /// <summary>Not retained because of <see cref="MqttLimits.MaxRetainedMessages"/> or <see cref="MqttLimits.MaxRetainedBytes"/>.</summary>
    public const string RetainedLimit = "retained-limit";

    /// <summary>The publisher may not publish to the topic.</summary>
    public const string NotAuthorized = "not-authorized";

    /// <summary>The publish handler refused the message.</summary>
    public const string Refused = "refused";
}
