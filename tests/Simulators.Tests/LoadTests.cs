using System.Net;
using System.Text;
using System.Text.Json;
using SmartCity.Mqtt;

namespace SmartCity.Simulators.Tests;

/// <summary>The load driver against a real broker over real sockets.</summary>
public sealed class LoadTests
{
    [Theory]
    [InlineData(MqttQoS.AtMostOnce, null, MqttProtocolVersion.V500)]
    [InlineData(MqttQoS.AtLeastOnce, null, MqttProtocolVersion.V311)]
    [InlineData(MqttQoS.ExactlyOnce, null, MqttProtocolVersion.V500)]
    [InlineData(MqttQoS.AtMostOnce, 50_000d, MqttProtocolVersion.V311)]
    [InlineData(MqttQoS.AtLeastOnce, 50_000d, MqttProtocolVersion.V500)]
    [InlineData(MqttQoS.ExactlyOnce, 50_000d, MqttProtocolVersion.V500)]
    public async Task It_sends_exactly_what_was_asked_and_no_two_messages_of_a_device_are_alike(MqttQoS qos, double? rate, MqttProtocolVersion version)
    {
        var handler = new Counter();
        await using var broker = await TestBroker.StartAsync(handler);
        var result = await new LoadDriver(new()
        {
            Url = TestBroker.Url(broker),
            Connections = 3,
            Messages = 10_000,
            QoS = qos,
            Rate = rate,
            Version = version,
            Keys = 30,
            PayloadSize = 120,
            DrainTimeout = TimeSpan.FromMinutes(1),
        }).RunAsync(CancellationToken.None).Within("the load run");
        Assert.Equal((10_000, 10_000, 0, 0, 0), (result.Sent, result.Acknowledged, result.Refused, result.Behind, result.Lost));
        Assert.Equal(10_000, handler.Messages.Count);
        Assert.Equal(10_000, handler.Messages.Select(m => (m.Topic, Field(m, "ts"), Field(m, "seq"))).Distinct().Count());
        Assert.All(handler.Messages, m => Assert.Equal((120, 12.3), (m.Payload.Length, Field(m, "pm25"))));
        Assert.Equal(30, handler.Messages.Select(m => m.Topic).Distinct().Count());
        var counts = handler.Messages.CountBy(m => m.Topic).Select(t => t.Value).ToList();
        if (rate is not null) Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        if (qos == MqttQoS.AtMostOnce && rate is null) Assert.Null(result.LatencyMs);
        else Assert.True(result.LatencyMs is { P50: > 0 } l && l.P50 <= l.P90 && l.P90 <= l.P99 && l.P99 <= l.P999 && l.P999 <= l.Max);
        Assert.True(result.ProcessorSeconds > 0);
    }

    [Theory]
    [InlineData(MqttQoS.AtMostOnce, 20_000d, 1)]
    [InlineData(MqttQoS.AtMostOnce, null, 3)]
    [InlineData(MqttQoS.AtLeastOnce, 20_000d, 3)]
    [InlineData(MqttQoS.ExactlyOnce, null, 2)]
    public async Task Subscribers_of_its_own_get_every_message_once_and_time_it_from_end_to_end(MqttQoS qos, double? rate, int subscribers)
    {
        await using var broker = await TestBroker.StartAsync();
        var result = await new LoadDriver(new()
        {
            Url = TestBroker.Url(broker),
            Connections = 3,
            Messages = 2000,
            QoS = qos,
            Rate = rate,
            Keys = 100,
            PayloadSize = PayloadSizes.Parse("60,100-3000:2"),
            Subscribers = subscribers,
            DrainTimeout = TimeSpan.FromMinutes(1),
            QuietTime = TimeSpan.FromMinutes(1),
        }).RunAsync(CancellationToken.None).Within("the load run");
        Assert.Equal(new(subscribers, 2000, 0, 0, 0, 0, result.Delivery!.LatencyMs), result.Delivery);
        Assert.True(result.Delivery.LatencyMs is { P50: > 0 } l && l.P50 <= l.P99 && l.P99 <= l.P9999 && l.P9999 <= l.Max);
    }

    [Fact]
    public void Messages_that_are_lost_doubled_late_or_of_others_are_told_apart()
    {
        var time = new FakeTimeProvider();
        var meter = new DeliveryMeter(time, slots: 8);
        var latency = new LatencyHistogram();
        for (var n = 0; n < 10; n++) meter.Sending(n, time.GetTimestamp());
        time.Advance(TimeSpan.FromMilliseconds(70));
        meter.Arrived(9, latency);
        meter.Arrived(9, latency);
        meter.Arrived(5, latency);
        meter.Arrived(0, latency);    // its place is that of 8 by now
        meter.Arrived(1234, latency); // never sent
        var result = meter.Result(1, sent: 10, latency);
        Assert.Equal((3, 7, 1, 1, 1), (result.Delivered, result.Lost, result.Doubled, result.Untimed, result.Foreign));
        Assert.Equal(2, latency.Count);
        Assert.Equal(70, result.LatencyMs!.Max, 0.001);
    }

    [Fact]
    public async Task What_a_broker_drops_on_the_way_to_its_subscribers_is_counted_as_lost()
    {
        // A message that is refused is acknowledged and goes to no subscriber.
        var handler = new Refusing();
        await using var broker = await TestBroker.StartAsync(handler);
        var time = new FakeTimeProvider();
        var driver = new LoadDriver(
            new() { Url = TestBroker.Url(broker), Connections = 1, Messages = 100, Keys = 10, QoS = MqttQoS.AtMostOnce, Subscribers = 1, DrainTimeout = TimeSpan.FromDays(1) }, time);
        var run = driver.RunAsync(CancellationToken.None);
        await Eventually.True(() => driver.Progress.Delivered == 90, "90 messages delivered");
        await Eventually.True(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return run.IsCompleted;
            },
            "the end of a run at whose subscribers nothing arrives any more");
        var result = await run;
        Assert.Equal((90, 10), (result.Delivery!.Delivered, result.Delivery.Lost));
    }

    [Fact]
    public void Payload_sizes_follow_their_weights_and_every_payload_is_JSON_of_its_size()
    {
        var sizes = PayloadSizes.Parse("60:3, 100-300:1");
        var payload = new LoadPayload(sizes);
        var small = 0;
        for (var n = 0L; n < 20_000; n++)
        {
            var made = payload.Make(1764000000000 + n, n);
            Assert.Equal(sizes.Of(n), made.Length);
            Assert.True(made.Length is 60 or (>= 100 and <= 300));
            Assert.Equal(n, LoadPayload.Number(made.Span));
            if (n < 2000) Assert.Equal(1764000000000 + n, JsonDocument.Parse(made).RootElement.GetProperty("ts").GetInt64());
            if (made.Length == 60) small++;
        }

        Assert.InRange(small, 14_600, 15_400);
        Assert.Equal([100, 300], new[] { Enumerable.Range(0, 20_000).Select(n => sizes.Of(n)).Where(s => s > 60).Min(), Enumerable.Range(0, 20_000).Max(n => sizes.Of(n)) });
    }

    [Theory]
    [InlineData("60-20", "write 20-60")]
    [InlineData("60:0", "'60:0' is no size")]
    [InlineData("many", "write 60, a range 60-2000, or several with weights 60:9,500-2000:1")]
    [InlineData("", "'' is no size")]
    public void Wrong_payload_sizes_are_told_what_is_right(string text, string part) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => PayloadSizes.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task At_a_given_rate_what_a_broker_makes_wait_counts_from_when_it_was_due()
    {
        // 200 messages are due in 0.2 s; the broker acknowledges none until all that were due have been. With a window of one only the first is written then,
        // and timing from writing would call the other 199 fast.
        var handler = new Counter { Hold = new(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using var broker = await TestBroker.StartAsync(handler);
        var driver = new LoadDriver(new() { Url = TestBroker.Url(broker), Connections = 1, InFlight = 1, Messages = 200, Rate = 1000, DrainTimeout = TimeSpan.FromMinutes(1) });
        var run = driver.RunAsync(CancellationToken.None);
        await Eventually.True(() => driver.Progress.Elapsed > TimeSpan.FromSeconds(1), "a second of the run");
        Assert.Equal(1, driver.Progress.Sent);
        handler.Hold.SetResult();
        var result = await run.Within("the load run");
        Assert.Equal((200, 200, 0), (result.Sent, result.Acknowledged, result.Behind));
        Assert.True(result.LatencyMs!.P50 > 800, $"p50 {result.LatencyMs.P50} ms");
    }

    [Fact]
    public async Task A_cancelled_run_answers_what_it_measured_and_what_is_missing()
    {
        var handler = new Counter { Hold = new(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using var broker = await TestBroker.StartAsync(handler);
        using var stop = new CancellationTokenSource();
        var driver = new LoadDriver(new() { Url = TestBroker.Url(broker), Connections = 2, InFlight = 10, Messages = 1_000_000 });
        var run = driver.RunAsync(stop.Token);
        await Eventually.True(() => driver.Progress.Sent == 20, "both windows to be full");
        await stop.CancelAsync();
        var result = await run.Within("the summary");
        Assert.True(result.Stopped);
        Assert.Equal((20, 0, 20), (result.Sent, result.Acknowledged, result.Unanswered));
        handler.Hold.SetResult();
    }

    [Fact]
    public async Task Lost_connections_are_counted_with_a_reason_and_the_run_ends()
    {
        var handler = new Counter { Hold = new(TaskCreationOptions.RunContinuationsAsynchronously) };
        var broker = await TestBroker.StartAsync(handler);
        var driver = new LoadDriver(new() { Url = TestBroker.Url(broker), Connections = 3, InFlight = 10, Messages = 1_000_000 });
        var run = driver.RunAsync(CancellationToken.None);
        await Eventually.True(() => driver.Progress.Sent == 30, "the windows to be full");
        handler.Hold.SetException(new IOException("the disk is gone"));
        var result = await run.Within("the run to end without a broker");
        Assert.Equal(3, result.Lost);
        Assert.Contains("127.0.0.1", result.FirstLoss, StringComparison.Ordinal);
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task The_sink_reads_every_message_of_connections_from_several_addresses()
    {
        await using var sink = new LoadSink(new(IPAddress.Loopback, 0));
        var result = await new LoadDriver(new()
        {
            Url = new($"mqtt://{sink.EndPoint}"),
            Connections = 6,
            Sources = SourceAddresses.Parse("127.0.0.2-127.0.0.4"),
            QoS = MqttQoS.AtMostOnce,
            Messages = 100_000,
        }).RunAsync(CancellationToken.None).Within("the load run");
        Assert.Equal((100_000, 100_000), (result.Sent, result.Acknowledged));
        Assert.Equal(100_000, sink.Messages);
    }

    [Fact]
    public void Zipf_keys_have_the_shares_of_Zipfs_law()
    {
        var chooser = new KeyChooser(100, 1.1);
        var counts = new int[100];
        var random = 7UL;
        const int Choices = 1_000_000;
        for (var i = 0; i < Choices; i++) counts[chooser.Choose(i, ref random)]++;
        var sum = Enumerable.Range(1, 100).Sum(k => Math.Pow(k, -1.1));
        for (var k = 1; k <= 100; k++)
        {
            var share = Math.Pow(k, -1.1) / sum;
            Assert.InRange(counts[k - 1], (Choices * share) - (6 * Math.Sqrt(Choices * share)), (Choices * share) + (6 * Math.Sqrt(Choices * share)));
        }
    }

    [Theory]
    [InlineData("127.0.0.2-127.0.0.9", 8)]
    [InlineData("127.0.0.2, 127.0.0.3", 2)]
    [InlineData("127.0.0.254-127.0.1.1", 4)]
    [InlineData("::1", 1)]
    public void Source_addresses_are_ranges_or_lists(string text, int count) => Assert.Equal(count, SourceAddresses.Parse(text).Distinct().Count());

    [Theory]
    [InlineData("127.0.0.9-127.0.0.2", "write 127.0.0.2-127.0.0.9")]
    [InlineData("127.1", "write 127.0.0.2-127.0.0.9")]
    [InlineData("localhost", "'localhost' is not an address")]
    [InlineData("", "is not an address")]
    [InlineData("10.0.0.0-10.255.0.0", "4096 are the most")]
    public void Wrong_source_addresses_are_told_what_is_right(string text, string part) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => SourceAddresses.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void More_connections_than_the_system_allows_are_told_what_to_change()
    {
        Assert.Contains("ulimit -n 100200", Assert.Throws<ArgumentException>(() => SystemLimits.Check(100_000, 8, 20_000, 28_232)).Message, StringComparison.Ordinal);
        Assert.Contains("--source 127.0.0.2-127.0.0.5", Assert.Throws<ArgumentException>(() => SystemLimits.Check(100_000, 1, 200_000, 28_232)).Message, StringComparison.Ordinal);
        SystemLimits.Check(100_000, 4, 200_000, 28_232);
        SystemLimits.Check(100_000, 1, null, null);
    }

    [Fact]
    public void Wrong_options_are_told_what_is_right()
    {
        Assert.Contains("--payload-bytes must be 50", Message(new() { PayloadSize = 49 }), StringComparison.Ordinal);
        Assert.Contains("--rate must be", Message(new() { Rate = 0 }), StringComparison.Ordinal);
        Assert.Contains("--zipf must be", Message(new() { Zipf = double.NaN }), StringComparison.Ordinal);
        Assert.Contains("can tell 3294967296 messages of a run apart", Message(new() { Subscribers = 1, Messages = 3_294_967_297 }), StringComparison.Ordinal);
        Assert.Contains("write a smaller --messages, --rate or --duration", Message(new() { Subscribers = 1, Rate = 1e6, Duration = TimeSpan.FromHours(1) }), StringComparison.Ordinal);
        Assert.Contains("mqtts://", Message(new() { CaFile = "ca.pem" }), StringComparison.Ordinal);

        static string Message(LoadOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
    }

    [Fact]
    public void Percentiles_are_right_within_two_percent()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 10_000; i++) histogram.Add(TimeSpan.FromMicroseconds(i * 10));
        Assert.Equal(50_000, histogram.Quantile(0.5).TotalMicroseconds, 1000d);
        Assert.Equal(99_000, histogram.Quantile(0.99).TotalMicroseconds, 2000d);
        Assert.Equal(100_000, histogram.Quantile(1).TotalMicroseconds);
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Quantile(0.5));
    }

    private static double Field((string Topic, string Payload) message, string name) => JsonDocument.Parse(message.Payload).RootElement.GetProperty(name).GetDouble();

    /// <summary>Refuses every tenth message.</summary>
    private sealed class Refusing : IPublishHandler
    {
        private int _count;

        public PublishResult Accept(in InboundPublish publish) => Interlocked.Increment(ref _count) % 10 == 0 ? new(0, MqttReasonCode.QuotaExceeded) : PublishResult.Done;

        public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) => default;

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => default;
    }

    /// <summary>Takes everything; acknowledges when <see cref="Hold"/> is over.</summary>
    private sealed class Counter : IPublishHandler
    {
        private readonly List<(string Topic, string Payload)> _messages = [];
        private long _ticket;

        public TaskCompletionSource? Hold { get; init; }

        public IReadOnlyList<(string Topic, string Payload)> Messages
        {
            get
            {
                lock (_messages) return [.. _messages];
            }
        }

        public PublishResult Accept(in InboundPublish publish)
        {
            lock (_messages) _messages.Add((Encoding.UTF8.GetString(publish.Topic), Encoding.UTF8.GetString(publish.Payload)));
            return Hold is null ? PublishResult.Done : new(Interlocked.Increment(ref _ticket));
        }

        public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) => Hold is null ? default : new(Hold.Task.WaitAsync(cancellationToken));

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => default;
    }
}
