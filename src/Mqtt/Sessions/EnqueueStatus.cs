namespace SmartCity.Mqtt;

/// <summary>What became of a message for a session.</summary>
internal enum EnqueueStatus
{
    /// <summary>Nobody wanted it, or the session keeps no such message now (QoS 0 without a connection).</summary>
    Ignored,

    Queued,

    /// <summary>Dropped and counted.</summary>
    Dropped,

    /// <summary>Dropped and counted, and the connected session has lost its right to one: the caller closes it with 0x97.</summary>
    Overflow,
}
