namespace SmartCity.Mqtt;

/// <summary>
/// Every bound of the broker: unit, default, what happens when it is hit, and why that default. No queue of the broker grows beyond one of these.
/// </summary>
public sealed class MqttLimits
{
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

    /// <summary>Outbound QoS 1 and 2 messages in flight to a 3.1.1 client, and the cap on a v5 client's own Receive Maximum. Beyond: they wait in the
    /// session's queue. 256.</summary>
    public ushort MaxOutboundInFlight { get; set; } = 256;

    /// <summary>Messages that wait in one session, in flight included. Beyond: QoS 0 is dropped and counted; QoS 1 and 2 end a connected session with 0x97,
    /// and are dropped and counted for a disconnected one. 10,000: minutes of one dashboard's stream.</summary>
    public int MaxQueuedMessages { get; set; } = 10_000;

    /// <summary>Bytes (topic, properties, payload) that wait in one session; the same effects as <see cref="MaxQueuedMessages"/>. 8 MiB.</summary>
    public long MaxQueuedBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Bytes of a topic name or filter. Beyond: 0x90 and close; for a filter 0x8F in SUBACK. 1024: five times the longest city topic.</summary>
    public int MaxTopicLength { get; set; } = 1024;

    /// <summary>Levels of a topic name or filter; the same effects. 32: bounds the cost of a match.</summary>
    public int MaxTopicDepth { get; set; } = 32;

    /// <summary>UTF-8 bytes of a client identifier. Beyond: 0x85. 256.</summary>
    public int MaxClientIdLength { get; set; } = 256;

    /// <summary>Subscriptions of one session. Beyond: 0x97 in SUBACK. 1000.</summary>
    public int MaxSubscriptionsPerSession { get; set; } = 1000;

    /// <summary>Connections with an accepted CONNECT. Beyond: CONNACK 0x89 (3.1.1: 3). 10,000: what one gateway process is sized for.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Connections that are open but have not finished CONNECT. Beyond: closed at once. 1024.</summary>
    public int MaxPendingConnections { get; set; } = 1024;

    /// <summary>Sessions that outlive their connection. Beyond: a new one gets no lifetime after its connection. 10,000.</summary>
    public int MaxDisconnectedSessions { get; set; } = 10_000;

    /// <summary>Longest life of a session without a connection. A longer wish is shortened and the client told (v5). One day:
    /// devices resend from their own store after longer outages.</summary>
    public TimeSpan MaxSessionExpiry { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Retained messages. Beyond: a message for a new topic is passed on but not retained, and counted. 10,000.</summary>
    public int MaxRetainedMessages { get; set; } = 10_000;

    /// <summary>Bytes of all retained messages; the same effect. 64 MiB.</summary>
    public long MaxRetainedBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Throws when a value makes no sense; the message names the option and what to write instead.</summary>
    public void Validate()
    {
        Require(MaxPacketSize >= 128, nameof(MaxPacketSize), "at least 128 bytes");
        Require(MaxPacketSize <= 268_435_460, nameof(MaxPacketSize), "at most 268435460 bytes, the largest MQTT packet");
        Require(ConnectTimeout > TimeSpan.Zero, nameof(ConnectTimeout), "a positive time");
        Require(WriteStallTimeout > TimeSpan.Zero, nameof(WriteStallTimeout), "a positive time");
        Require(CloseTimeout > TimeSpan.Zero, nameof(CloseTimeout), "a positive time");
        Require(ReceiveMaximum > 0, nameof(ReceiveMaximum), "1 to 65535");
        Require(MaxOutboundInFlight > 0, nameof(MaxOutboundInFlight), "1 to 65535");
        Require(MaxQueuedMessages >= MaxOutboundInFlight, nameof(MaxQueuedMessages), $"at least {nameof(MaxOutboundInFlight)} ({MaxOutboundInFlight})");
        Require(MaxQueuedBytes >= MaxPacketSize, nameof(MaxQueuedBytes), $"at least {nameof(MaxPacketSize)} ({MaxPacketSize})");
        Require(MaxTopicLength is > 0 and <= 65535, nameof(MaxTopicLength), "1 to 65535 bytes");
        Require(MaxTopicDepth > 0, nameof(MaxTopicDepth), "at least 1");
        Require(MaxClientIdLength is >= 23 and <= 65535, nameof(MaxClientIdLength), "23 to 65535 bytes (MQTT-3.1.3-5)");
        Require(MaxSubscriptionsPerSession > 0, nameof(MaxSubscriptionsPerSession), "at least 1");
        Require(MaxConnections > 0, nameof(MaxConnections), "at least 1");
        Require(MaxPendingConnections > 0, nameof(MaxPendingConnections), "at least 1");
        Require(MaxSessionExpiry >= TimeSpan.Zero, nameof(MaxSessionExpiry), "zero or more");
    }

    private static void Require(bool holds, string option, string instead)
    {
        if (!holds) throw new InvalidOperationException($"{nameof(MqttLimits)}.{option} must be {instead}.");
    }
}
