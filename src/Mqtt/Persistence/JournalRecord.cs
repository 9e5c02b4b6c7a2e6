namespace SmartCity.Mqtt;

/// <summary>What a record of the session journal says. Values are on disk: never renumber.</summary>
internal enum JournalRecord : byte
{
    /// <summary>A session begins, or is stated anew with nothing in it yet; records of its content follow.</summary>
    SessionStarted = 1,
    SessionDetached = 2,
    SessionEnded = 3,
    Subscribed = 4,
    Unsubscribed = 5,

    /// <summary>A message waits for the session.</summary>
    Queued = 6,

    /// <summary>It was sent at least once: a further time carries DUP.</summary>
    Sent = 7,

    /// <summary>PUBREC came: only the identifier waits, for PUBCOMP.</summary>
    Received = 8,

    /// <summary>It needs nothing any more.</summary>
    Completed = 9,

    /// <summary>A QoS 2 identifier from the client, not released yet.</summary>
    Unreleased = 10,
    Released = 11,
    Retained = 12,
    NotRetained = 13,

    /// <summary>A new connection owns the session, which keeps its content.</summary>
    SessionAttached = 14,
}
