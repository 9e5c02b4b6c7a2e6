using System.Buffers;
using System.Text;

namespace SmartCity.Mqtt.Tests;

/// <summary>The warm path of a PUBLISH allocates nothing; this gate fails when a change makes it.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const int Count = 100_000;

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

    [Theory]
    [InlineData(MqttProtocolVersion.V311, false)]
    [InlineData(MqttProtocolVersion.V500, false)]
    [InlineData(MqttProtocolVersion.V500, true)]
    public async Task The_broker_takes_100_000_QoS_1_messages_with_less_than_16_bytes_each(MqttProtocolVersion version, bool durable)
    {
        await using var host = await BrokerHost.StartAsync(new TicketHandler(durable));

        // A subscription elsewhere: routing is asked for every message.
        await using var other = await host.ConnectAsync("other");
        await other.SubscribeAsync("elsewhere/#", MqttQoS.AtMostOnce, (_, _) => default);
        await using var client = await host.ConnectAsync(host.Options("c", version) with { MaxInFlight = 512 });
        var topic = "city/bac/hn/air/d1"u8.ToArray();
        var payload = Encoding.UTF8.GetBytes("{\"ts\":1764000000000,\"pm25\":12.3}");
        await SendAsync(Count / 2);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await SendAsync(Count);
        var perMessage = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Count;
        TestContext.Current.TestOutputHelper?.WriteLine($"{perMessage:0.00} bytes per message, client included");
        Assert.InRange(perMessage, 0, 16);

        async Task SendAsync(int count)
        {
            // In bursts below the window, so that only the broker's own waits are measured.
            for (var i = 0; i < count; i++)
            {
                await client.SendAsync(topic, payload, MqttQoS.AtLeastOnce, flush: i % 64 == 63);
                if (i % 500 == 499) await client.DrainAsync();
            }

            await client.DrainAsync();
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
