using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using SmartCity.Mqtt;

namespace SmartCity.Simulators.Tests;

/// <summary>Recording from a broker and playing to one.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"replay-{Guid.NewGuid():N}.rec");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task What_a_broker_delivers_is_recorded_as_it_came_and_other_topics_are_not()
    {
        await using var broker = await TestBroker.StartAsync();
        var options = new MqttClientOptions().WithUrl(TestBroker.Url(broker));
        await using var publisher = new MqttClient(options);
        await publisher.ConnectAsync();
        using (var writer = new RecordingWriter(_path))
        {
            var run = new Recorder(options, "city/#", MqttQoS.AtLeastOnce, writer).RunAsync(50, CancellationToken.None);
            // What is published before the subscription is not delivered: so publish until the recording is full.
            for (var i = 0; !run.IsCompleted; i++)
            {
                await publisher.PublishAsync("other/topic", "no"u8.ToArray(), MqttQoS.AtLeastOnce);
                await publisher.PublishAsync("city/bac/hn/air/a", Encoding.UTF8.GetBytes($"{{\"n\":{i}}}"), MqttQoS.AtLeastOnce);
            }

            await run.Within("50 messages recorded");
        }

        using var reader = new RecordingReader(_path);
        var numbers = new List<int>();
        while (reader.Read() is { } m)
        {
            Assert.Equal(("city/bac/hn/air/a", 1), (Encoding.UTF8.GetString(m.Topic.Span), m.QoS));
            numbers.Add(JsonDocument.Parse(m.Payload).RootElement.GetProperty("n").GetInt32());
        }

        Assert.Equal(Enumerable.Range(numbers[0], 50), numbers);
    }

    [Theory]
    [InlineData(10d)]
    [InlineData(0.5)]
    [InlineData(null)]
    public async Task A_replay_keeps_distances_and_order_and_nothing_is_ahead_of_the_clock(double? speed)
    {
        // Four seconds of a device, recorded long ago; measured 40 ms before it arrived.
        const long First = 1_600_000_000_000;
        using (var writer = new RecordingWriter(_path))
        {
            for (var i = 0; i < 5; i++) writer.Add(new((First + (i * 1000)) * 1000, "city/bac/hn/air/a"u8.ToArray(), Encoding.UTF8.GetBytes($"{{\"ts\":{First + (i * 1000) - 40},\"n\":{i}}}"), 1, false));
        }

        var received = new ConcurrentQueue<(long Ts, int N, long At)>();
        var time = new FakeTimeProvider();
        await using var broker = await TestBroker.StartAsync();
        var url = TestBroker.Url(broker);
        await using var subscriber = new MqttClient(new MqttClientOptions().WithUrl(url));
        await subscriber.ConnectAsync();
        await subscriber.SubscribeAsync("#", MqttQoS.AtLeastOnce, (m, _) =>
        {
            var json = JsonDocument.Parse(m.Payload).RootElement;
            received.Enqueue((json.GetProperty("ts").GetInt64(), json.GetProperty("n").GetInt32(), time.GetUtcNow().ToUnixTimeMilliseconds()));
            return default;
        });
        var started = time.GetUtcNow().ToUnixTimeMilliseconds();
        var replayer = new Replayer(new() { Client = new MqttClientOptions { KeepAlive = TimeSpan.Zero }.WithUrl(url), Speed = speed }, _path, time);
        var run = replayer.RunAsync(CancellationToken.None);

        // The clock moves in steps of 20 ms, never more than that beyond what has been received.
        await Eventually.True(
            () =>
            {
                var due = speed is { } s ? received.Count * 1000 / s : 0;
                if (replayer.Total > 0 && time.GetUtcNow().ToUnixTimeMilliseconds() - started < due) time.Advance(TimeSpan.FromMilliseconds(20));
                return run.IsCompleted && received.Count >= 5;
            },
            "the replay to end");
        await run;
        var all = received.ToList();
        Assert.Equal([0, 1, 2, 3, 4], all.Select(r => r.N));
        Assert.Equal([1000, 1000, 1000, 1000], all.Zip(all.Skip(1), (a, b) => b.Ts - a.Ts));
        Assert.All(all, r => Assert.True(r.Ts <= r.At, $"ts {r.Ts} at {r.At}"));
        Assert.Equal(started + (speed is 10 ? 400 - 40 : speed is null ? -40 : 4000 - 40), all[^1].Ts);
        Assert.Equal((5, 5, 5, 0, 0), (replayer.Total, replayer.Sent, replayer.Acknowledged, replayer.Refused, replayer.Unmoved));
    }

    [Fact]
    public async Task Payloads_stay_as_they_are_when_time_is_kept()
    {
        using (var writer = new RecordingWriter(_path))
        {
            foreach (var m in RecordingTests.Messages(500)) writer.Add(m);
        }

        var received = new ConcurrentQueue<string>();
        await using var broker = await TestBroker.StartAsync();
        var url = TestBroker.Url(broker);
        await using var subscriber = new MqttClient(new MqttClientOptions().WithUrl(url));
        await subscriber.ConnectAsync();
        await subscriber.SubscribeAsync("#", MqttQoS.AtMostOnce, (m, _) =>
        {
            received.Enqueue($"{m.Topic} {Encoding.UTF8.GetString(m.Payload.Span)}");
            return default;
        });
        await new Replayer(new() { Client = new MqttClientOptions().WithUrl(url), Speed = null, ShiftTime = false, QoS = MqttQoS.AtLeastOnce }, _path).RunAsync(CancellationToken.None).Within("the replay");
        await Eventually.True(() => received.Count == 500, "500 messages");
        Assert.Equal(RecordingTests.Messages(500).Select(m => $"{Encoding.UTF8.GetString(m.Topic.Span)} {Encoding.UTF8.GetString(m.Payload.Span)}"), received);
    }

    [Theory]
    [InlineData("fast", "write 10 for ten times as fast, or max")]
    [InlineData("", "write 10")]
    public void A_wrong_speed_is_told_what_is_right(string text, string part) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => ReplayCommand.Speed(text)).Message, StringComparison.Ordinal);
}
