namespace SmartCity.Simulators;

/// <summary>What can go wrong between a sensor and the platform.</summary>
public enum FaultKind
{
    /// <summary>The message is sent a second time.</summary>
    Duplicate,

    /// <summary>The message leaves after the device's next one.</summary>
    Reorder,

    /// <summary>The message leaves a minute to an hour (event time) after it was measured.</summary>
    Delay,

    /// <summary>The message is lost before the network: nobody ever gets it.</summary>
    Loss,

    /// <summary>The device's clock is wrong by 5 to 120 s. The rate is a share of devices.</summary>
    ClockSkew,

    /// <summary>The device's clock jumps for some messages: hours back, years ahead, or to 1970.</summary>
    ClockJump,

    /// <summary>The device repeats its values for 5 to 20 messages.</summary>
    Frozen,

    /// <summary>One value is absurd: out of its range (rejected), or at its very edge (taken).</summary>
    Spike,

    /// <summary>The payload is broken in one of a dozen ways.</summary>
    Malformed,

    /// <summary>More metrics than an object may have, or a packet larger than the broker takes.</summary>
    Oversized,

    /// <summary>The topic is none of the platform's.</summary>
    WrongTopic,

    /// <summary>The message is sent over a connection with an old password.</summary>
    StaleCredentials,

    /// <summary>All connections are cut at once and come back together; what was under way is sent again.</summary>
    ReconnectStorm,
}
