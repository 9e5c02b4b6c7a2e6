namespace SmartCity.Mqtt;

/// <summary>
/// Every bound of the broker: unit, default, what happens when it is hit, and why that default. No queue of the broker grows beyond one of these.
/// </summary>
public sealed class MqttLimits
{
    // Longer is a slip of the pen, and timers end at 49 days.
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    /// <summary>Bytes of one whole packet, header included. Larger: 0x95 and the connection closes before the body is buffered.
    /// 256 KiB: a batch of some thousand readings; 10,000 connections can hold at most 2.5 GiB of half-read packets.</summary>
    public int MaxPacketSize { get; set; } = 256 * 1024;

    /// <summary>From accept to a complete CONNECT. Later: closed. 10 s: a slow cellular modem makes it, an idle port scanner does not stay.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a peer may leave our bytes unread before it is cut off. 30 s: longer than any retransmission that still succeeds.</summary>
    public TimeSpan WriteStallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>From our DISCONNECT to a hard close, should the peer not read it. 5 s.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Seconds; a larger or absent (0) keep-alive of a v5 client is replaced by this through Server Keep Alive; 3.1.1 clients cannot be told.
    /// 0 = accept any, the default: battery-powered devices choose for themselves.</summary>
    public ushort MaxKeepAliveSeconds { get; set; }

    /// <summary>Inbound QoS 1 and 2 messages without an acknowledgement, per connection. v5: announced as Receive Maximum, beyond it 0x93;
    /// 3.1.1: reading stops until acknowledgements are out. 1024: covers one group commit at 100,000 msg/s on one connection.</summary>
    public ushort ReceiveMaximum { get; set; } = 1024;

    /// <summary>v5 topic aliases per connection, announced. Beyond: 0x94. 64: a device has few topics; 64 × 256 bytes are affordable for all.</summary>
    public ushort TopicAliasMaximum { get; set; } = 64;

    /// <summary>Topic aliases that the server gives on a connection, if the v5 client allows as many. 0 switches them off. 64.</summary>
    public ushort OutboundTopicAliasMaximum { get; set; } = 64;

    /// <summary>Outbound QoS 1 and 2 messages in flight to a 3.1.1 client, and the cap on a v5 client's own Receive Maximum. Beyond: they wait in the
    /// session's queue. 256.</summary>
    public ushort MaxOutboundInFlight { get; set; } = 256;

    /// <summary>Messages that wait in one session, in flight included. Beyond: QoS 0 is dropped and counted; QoS 1 and 2 end a connected session with 0x97,
    /// and are dropped and counted for a disconnected one. 10,000: minutes of one dashboard's stream.</summary>
    public int MaxQueuedMessages { get; set; } = 10_000;

    /// <summary>Bytes (topic, properties, payload) that wait in one session; the same effects as <see cref="MaxQueuedMessages"/>. 8 MiB.</summary>
    public long MaxQueuedBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>The same bytes in all sessions together; the same effects. 512 MiB: what a small machine can spare.</summary>
    public long MaxQueuedBytesTotal { get; set; } = 512L * 1024 * 1024;

    /// <summary>How long publishers wait for a connected subscriber whose queue is more than half full before it counts as slow; then they wait no more,
    /// and its queue may overflow. 250 ms: a quarter of the default queue drains in that time at 10,000 messages/s. Zero: never.</summary>
    public TimeSpan SlowSubscriberWait { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Bytes of a topic name or filter. Beyond: 0x90 and close; for a filter 0x8F in SUBACK. 1024: five times the longest city topic.</summary>
    public int MaxTopicLength { get; set; } = 1024;

    /// <summary>Levels of a topic name or filter; the same effects. 32: bounds the cost of a match.</summary>
    public int MaxTopicDepth { get; set; } = 32;

    /// <summary>UTF-8 bytes of a client identifier. Beyond: 0x85. 256.</summary>
    public int MaxClientIdLength { get; set; } = 256;

    /// <summary>Subscriptions of one session. Beyond: 0x97 in SUBACK. 1000.</summary>
    public int MaxSubscriptionsPerSession { get; set; } = 1000;

    /// <summary>Subscriptions of all sessions. Beyond: 0x97 in SUBACK. 1,000,000: some hundred MiB.</summary>
    public int MaxSubscriptions { get; set; } = 1_000_000;

    /// <summary>Connections with an accepted CONNECT. Beyond: CONNACK 0x89 (3.1.1: 3). 100,000: at up to 10 KiB each, one GiB.</summary>
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>Connections of one IP address (an IPv6 address counts with its /64), accepted or not. Beyond: CONNACK 0x97 (3.1.1: 3).
    /// 5000: a site's gateway behind one address fits, a flood from one address does not fill the broker.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 5000;

    /// <summary>Connections that are open but have not finished CONNECT. Beyond: closed at once. 4096.</summary>
    public int MaxPendingConnections { get; set; } = 4096;

    /// <summary>The same of one IP address. Beyond: closed at once, counted as ConnectionRateExceeded. 512: one address that opens and says nothing
    /// leaves seven eighths of <see cref="MaxPendingConnections"/> to others.</summary>
    public int MaxPendingConnectionsPerAddress { get; set; } = 512;

    /// <summary>Sessions that outlive their connection. Beyond: a new one gets no lifetime after its connection. 100,000.</summary>
    public int MaxDisconnectedSessions { get; set; } = 100_000;

    /// <summary>PUBLISH packets a second from one client, by a token bucket that saves up one second's worth; 0 = no limit of its own, the default:
    /// the intake log's back-pressure holds everybody. Beyond: its connection is not read until there are tokens again.</summary>
    public int MaxMessageRate { get; set; }

    /// <summary>Bytes of a will's payload and properties. Beyond: CONNACK 0x95 (3.1.1: 3). 16 KiB: a will stays in memory as long as its connection.</summary>
    public int MaxWillSize { get; set; } = 16 * 1024;

    /// <summary>Longest life of a session without a connection. A longer wish is shortened and the client told (v5). One day:
    /// devices resend from their own store after longer outages.</summary>
    public TimeSpan MaxSessionExpiry { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Retained messages. Beyond: a message for a new topic is passed on but not retained, and counted. 10,000.</summary>
    public int MaxRetainedMessages { get; set; } = 10_000;

    /// <summary>Bytes of all retained messages; the same effect. 64 MiB.</summary>
    public long MaxRetainedBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>How often the statistics below <c>$SYS/broker</c> are refreshed. Zero: never. 10 s.</summary>
    public TimeSpan SysTopicsInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Throws when a value makes no sense; the message names the option and what to write instead.</summary>
    public void Validate()
    {
        Require(MaxPacketSize >= 128, nameof(MaxPacketSize), "at least 128 bytes");
        Require(MaxPacketSize <= 268_435_460, nameof(MaxPacketSize), "at most 268435460 bytes, the largest MQTT packet");
        Require(ConnectTimeout > TimeSpan.Zero && ConnectTimeout <= s_day, nameof(ConnectTimeout), "a positive time of at most one day");
        Require(WriteStallTimeout > TimeSpan.Zero && WriteStallTimeout <= s_day, nameof(WriteStallTimeout), "a positive time of at most one day");
        Require(CloseTimeout > TimeSpan.Zero && CloseTimeout <= s_day, nameof(CloseTimeout), "a positive time of at most one day");
        Require(ReceiveMaximum > 0, nameof(ReceiveMaximum), "1 to 65535");
        Require(MaxOutboundInFlight > 0, nameof(MaxOutboundInFlight), "1 to 65535");
        Require(MaxQueuedMessages >= MaxOutboundInFlight, nameof(MaxQueuedMessages), $"at least {nameof(MaxOutboundInFlight)} ({MaxOutboundInFlight})");
        Require(MaxQueuedBytes >= MaxPacketSize, nameof(MaxQueuedBytes), $"at least {nameof(MaxPacketSize)} ({MaxPacketSize})");
        Require(MaxQueuedMessages <= 60_000, nameof(MaxQueuedMessages), "at most 60000: every waiting message has a packet identifier");
        Require(MaxQueuedBytesTotal >= MaxQueuedBytes, nameof(MaxQueuedBytesTotal), $"at least {nameof(MaxQueuedBytes)} ({MaxQueuedBytes})");
        Require(SlowSubscriberWait >= TimeSpan.Zero && SlowSubscriberWait <= s_day, nameof(SlowSubscriberWait), "zero to one day");
        Require(MaxMessageRate >= 0, nameof(MaxMessageRate), "zero or more messages a second");
        Require(MaxWillSize >= 0, nameof(MaxWillSize), "zero or more bytes");
        Require(MaxTopicLength is > 0 and <= 65535, nameof(MaxTopicLength), "1 to 65535 bytes");
        Require(MaxTopicDepth > 0, nameof(MaxTopicDepth), "at least 1");
        Require(MaxClientIdLength is >= 23 and <= 65535, nameof(MaxClientIdLength), "23 to 65535 bytes (MQTT-3.1.3-5)");
        Require(MaxSubscriptionsPerSession > 0, nameof(MaxSubscriptionsPerSession), "at least 1");
        Require(MaxConnections > 0, nameof(MaxConnections), "at least 1");
        Require(MaxConnectionsPerAddress > 0, nameof(MaxConnectionsPerAddress), "at least 1");
        Require(MaxPendingConnectionsPerAddress > 0, nameof(MaxPendingConnectionsPerAddress), "at least 1");
        Require(MaxSubscriptions > 0, nameof(MaxSubscriptions), "at least 1");
        Require(MaxPendingConnections > 0, nameof(MaxPendingConnections), "at least 1");
        Require(MaxSessionExpiry >= TimeSpan.Zero, nameof(MaxSessionExpiry), "zero or more");
        Require(SysTopicsInterval >= TimeSpan.Zero && SysTopicsInterval <= s_day, nameof(SysTopicsInterval), "zero to one day");
        Require(MaxDisconnectedSessions >= 0, nameof(MaxDisconnectedSessions), "zero or more");
        Require(MaxRetainedMessages >= 0, nameof(MaxRetainedMessages), "zero or more");
        Require(MaxRetainedBytes >= 0, nameof(MaxRetainedBytes), "zero or more bytes");
    }

    private static void Require(bool holds, string option, string instead)
    {
        if (!holds) throw new InvalidOperationException($"{nameof(MqttLimits)}.{option} must be {instead}.");
    }
}
