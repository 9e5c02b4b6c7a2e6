namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>A broker behind Kestrel, and raw peers that speak one version of the protocol.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly List<RawConnection> _peers = [];

    private Scene(BrokerHost host, MqttProtocolVersion version)
    {
        Host = host;
        Version = version;
    }

    public BrokerHost Host { get; }

    public MqttProtocolVersion Version { get; }

    public bool V5 => Version == MqttProtocolVersion.V500;

    public static async Task<Scene> StartAsync(
        MqttProtocolVersion version, Action<MqttLimits>? limits = null, TimeProvider? time = null, IMqttAuthorizer? authorizer = null, IPublishHandler? handler = null) =>
        new(await BrokerHost.StartAsync(handler, authorizer, limits, time), version);

    /// <summary>A TCP connection without CONNECT.</summary>
    public async Task<RawConnection> OpenAsync()
    {
        var peer = await Host.OpenRawAsync();
        _peers.Add(peer);
        return peer;
    }

    /// <summary>A connection whose CONNECT was accepted.</summary>
    public async Task<RawConnection> ConnectAsync(string clientId = "peer", Func<ConnectPacket, ConnectPacket>? change = null)
    {
        var (peer, answer) = await TryConnectAsync(clientId, change);
        Assert.Equal(MqttReasonCode.Success, answer.ReasonCode);
        return peer;
    }

    /// <summary>A connection and the CONNACK it got.</summary>
    public async Task<(RawConnection Peer, ConnAckPacket Answer)> TryConnectAsync(string clientId, Func<ConnectPacket, ConnectPacket>? change = null)
    {
        var peer = await OpenAsync();
        var packet = new ConnectPacket { ClientId = clientId, Version = Version };
        await peer.SendAsync(w => (change?.Invoke(packet) ?? packet).Write(w));
        return (peer, await ReadConnAckAsync(peer));
    }

    public async Task<ConnAckPacket> ReadConnAckAsync(RawConnection peer)
    {
        var bytes = await peer.ReadPacketAsync("CONNACK");
        Assert.Equal(0x20, bytes[0]);
        Assert.True(ConnAckPacket.TryParse(0, bytes.AsSpan(2), Version, out var packet, out var violation), violation?.ToString());
        return packet!;
    }

    /// <summary>A CONNECT for a session that outlives its connection.</summary>
    public ConnectPacket Kept(ConnectPacket packet) =>
        packet with { CleanStart = false, Properties = V5 ? new() { SessionExpiryInterval = 3600 } : null };

    /// <summary>A subscriber that is kept over its connection.</summary>
    public async Task<RawConnection> SubscriberAsync(string filter, MqttQoS qos = MqttQoS.ExactlyOnce, string clientId = "subscriber")
    {
        var peer = await ConnectAsync(clientId, Kept);
        Assert.Equal([(MqttReasonCode)qos], await peer.SubscribeAsync(Version, new MqttSubscription(filter, qos)));
        return peer;
    }

    public Task PublishAsync(RawConnection peer, string topic, string payload, MqttQoS qos = MqttQoS.AtMostOnce, ushort packetId = 0, bool retain = false) =>
        peer.PublishAsync(Version, topic, payload, qos, packetId, retain);

    /// <summary>Publishes with QoS 1 and waits for the acknowledgement: all that came before has been routed.</summary>
    public async Task PublishAndWaitAsync(RawConnection peer, string topic, string payload, bool retain = false)
    {
        await PublishAsync(peer, topic, payload, MqttQoS.AtLeastOnce, 99, retain);
        Assert.Equal(0x40, (await peer.ReadPacketAsync("PUBACK"))[0]);
    }

    public Task<ReceivedPublish> ReadPublishAsync(RawConnection peer, string awaited = "PUBLISH") => peer.ReadPublishAsync(Version, awaited);

    /// <summary>The bytes of an acknowledgement without a reason code.</summary>
    public static byte[] Ack(MqttPacketType type, int packetId) => [(byte)((int)type << 4 | (type == MqttPacketType.PubRel ? 2 : 0)), 2, (byte)(packetId >> 8), (byte)packetId];

    /// <summary>Nothing but the answer to PINGREQ comes: what was sent before had no answer.</summary>
    public static async Task IsAliveAsync(RawConnection peer)
    {
        await peer.SendAsync(0xC0, 0);
        Assert.Equal([0xD0, 0], await peer.ReadPacketAsync("PINGRESP"));
    }

    /// <summary>Ends the connection as after a network failure, and waits until the broker has seen it.</summary>
    public async Task CutAsync(RawConnection peer)
    {
        var open = Host.Metrics.ConnectionsOpen;
        peer.Reset();
        await Eventually.True(() => Host.Metrics.ConnectionsOpen < open, "the broker sees the end of the connection");
    }

    /// <summary>Ends the connection with DISCONNECT, and waits until the broker has closed it.</summary>
    public async Task DisconnectAsync(RawConnection peer)
    {
        var open = Host.Metrics.ConnectionsOpen;
        await peer.SendAsync(0xE0, 0);
        Assert.True(await peer.IsClosedAsync());
        await Eventually.True(() => Host.Metrics.ConnectionsOpen < open, "the broker sees the end of the connection");
    }

    /// <summary>The broker ends the connection: v5 with a DISCONNECT, 3.1.1 without a word.</summary>
    public async Task IsClosedAsync(RawConnection peer, MqttReasonCode reason)
    {
        if (V5)
        {
            var bytes = await peer.ReadPacketAsync("DISCONNECT");
            Assert.Equal((0xE0, reason), (bytes[0], (MqttReasonCode)bytes[2]));
        }

        Assert.True(await peer.IsClosedAsync());
    }

    /// <summary>A connected client that sends these bytes loses its connection; a bystander does not notice.</summary>
    public async Task IsRefusedAsync(byte[] bytes, MqttReasonCode reason)
    {
        var bystander = await ConnectAsync($"bystander-{_peers.Count}");
        var peer = await ConnectAsync($"offender-{_peers.Count}");
        await peer.SendAsync(bytes);
        await IsClosedAsync(peer, reason);
        await IsAliveAsync(bystander);
    }

    /// <summary>A CONNECT that is no CONNECT: v5 may get a CONNACK with the reason, 3.1.1 gets nothing; the connection closes.</summary>
    public async Task ConnectIsRefusedAsync(byte[] bytes, MqttReasonCode reason)
    {
        var peer = await OpenAsync();
        await peer.SendAsync(bytes);
        if (V5) Assert.Equal(reason, (await ReadConnAckAsync(peer)).ReasonCode);
        Assert.True(await peer.IsClosedAsync());
        Assert.Equal(0, Host.Broker.SessionCount);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers) peer.Dispose();
        await Host.DisposeAsync();
    }
}
