using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace SmartCity.Mqtt.Tests;

/// <summary>The warm path of a PUBLISH allocates nothing; this gate fails when a change makes it.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const int Count = 100_000;
    private const int Burst = 1000; // below the Receive Maximum

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public void Parsing_100_000_PUBLISH_packets_allocates_nothing(MqttProtocolVersion version)
    {
        var properties = version == MqttProtocolVersion.V500 ? PropertySection.Encode(new() { ContentType = "application/json", UserProperties = [new("k", "v")] }) : [];
        var one = Wire.Bytes(w => PublishPacket.Write(w, version, "city/bac/hn/air/d1"u8, properties, "{\"ts\":1764000000000,\"pm25\":12.3}"u8, MqttQoS.AtLeastOnce, false, false, 1));
        var sequence = Wire.Split([.. Enumerable.Repeat(one, Count).SelectMany(b => b)], 4096);
        Assert.Equal(Count, Parse(sequence, version));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(Count, Parse(sequence, version));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public async Task A_connection_keeps_no_user_properties_of_its_CONNECT()
    {
        const int Connections = 60;
        await using var host = await BrokerHost.StartAsync();
        var large = Wire.Bytes(w => new ConnectPacket { Properties = new() { UserProperties = [.. Enumerable.Repeat(new MqttUserProperty("k", new('v', 60_000)), 4)] } }.Write(w));
        var peers = new List<RawConnection>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Connections; i++)
        {
            peers.Add(await host.OpenRawAsync());
            await peers[i].SendAsync(large);
            Assert.Equal(0, (await peers[i].ReadPacketAsync("CONNACK"))[3]);
        }

        // Kept, they would be 28 MB.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8_000_000);
        foreach (var peer in peers) peer.Dispose();
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311, MqttQoS.AtMostOnce, false)]
    [InlineData(MqttProtocolVersion.V311, MqttQoS.AtLeastOnce, false)]
    [InlineData(MqttProtocolVersion.V500, MqttQoS.AtLeastOnce, false)]
    [InlineData(MqttProtocolVersion.V311, MqttQoS.AtLeastOnce, true)]
    [InlineData(MqttProtocolVersion.V500, MqttQoS.AtLeastOnce, true)]
    public async Task The_broker_takes_a_PUBLISH_without_allocating(MqttProtocolVersion version, MqttQoS qos, bool durable)
    {
        await using var host = await BrokerHost.StartAsync(new TicketHandler(durable));

        // A subscription elsewhere: routing is asked for every message.
        using var other = await host.OpenRawAsync();
        await other.ConnectAsync("other", version);
        await other.SubscribeAsync(version, new MqttSubscription("elsewhere/#", MqttQoS.AtMostOnce));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, host.Port);
        socket.Send(Wire.Bytes(w => new ConnectPacket { ClientId = "c", Version = version }.Write(w)));
        var answers = new byte[8 * 1024];
        Assert.True(socket.Receive(answers) > 3);
        var burst = Wire.Bytes(w =>
        {
            for (ushort i = 1; i <= Burst; i++)
            {
                PublishPacket.Write(w, version, "city/bac/hn/air/d1"u8, default, "{\"ts\":1764000000000,\"pm25\":12.3}"u8, qos, false, false, qos == MqttQoS.AtMostOnce ? (ushort)0 : i);
            }

            PingReqPacket.Write(w);
        });
        Send(Count / 2);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Send(Count);
        var perMessage = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Count;
        TestContext.Current.TestOutputHelper?.WriteLine($"{perMessage:0.000} bytes per message");

        // Nothing per message: what waking a task costs once for each burst, and timers and the test runner meanwhile, stays below two bytes of each; any object has at least 24.
        Assert.InRange(perMessage, 0, 2);

        void Send(int count)
        {
            var expected = 2 + (qos == MqttQoS.AtMostOnce ? 0 : 4 * Burst);
            for (var i = 0; i < count; i += Burst)
            {
                socket.Send(burst);
                for (var got = 0; got < expected;) got += socket.Receive(answers, 0, Math.Min(answers.Length, expected - got), SocketFlags.None);
            }
        }
    }

    private static int Parse(ReadOnlySequence<byte> sequence, MqttProtocolVersion version)
    {
        using var frames = new FrameReader(sequence, Wire.Limit, version);
        var count = 0;
        while (frames.TryRead(out var header, out var body, out _) == MqttParseStatus.Packet && PublishPacket.TryParse((byte)(header & 15), body, version, out _, out _)) count++;
        return count;
    }

    private sealed class TicketHandler(bool durable) : IPublishHandler
    {
        private long _ticket;

        public PublishResult Accept(in InboundPublish publish) => new(durable ? Interlocked.Increment(ref _ticket) : 0);

        public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) => default;

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => default;
    }
}
