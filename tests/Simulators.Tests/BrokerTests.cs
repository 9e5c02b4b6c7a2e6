using System.Net;
using System.Net.Sockets;
using System.Text;
using SmartCity.Mqtt;

namespace SmartCity.Simulators.Tests;

/// <summary>The simulation and the load driver against a real broker over real sockets.</summary>
public sealed class BrokerTests
{
    [Fact]
    public async Task The_city_waits_for_a_broker_comes_back_after_it_was_gone_and_ends_without_an_exception()
    {
        var at = FreeEndPoint();
        using var stop = new CancellationTokenSource();
        var simulation = new CitySimulation(new() { Rate = 500 }, TimeProvider.System);
        var run = simulation.RunAsync(new($"mqtt://{at}"), stop.Token);
        Assert.False(run.IsCompleted);
        await using (await TestBroker.StartAsync(at: at))
        {
            await Eventually.True(() => simulation.Acknowledged > 100, "100 acknowledgements by a broker that started after the city");
        }

        var before = simulation.Acknowledged;
        await using var again = await TestBroker.StartAsync(at: at);
        await Eventually.True(() => simulation.Acknowledged > before + 100, "100 acknowledgements more after the broker came back");
        await stop.CancelAsync();
        await run.Within("the city to end");
        Assert.Equal(0, simulation.Refused);
    }

    [Fact]
    public async Task With_the_same_seed_and_clock_the_same_bytes_reach_the_broker()
    {
        var time = new FakeTimeProvider();
        var start = time.GetUtcNow().ToUnixTimeMilliseconds();
        var options = new CityOptions { Connections = 1, Seed = 3 };
        var expected = new List<(string Topic, string Payload)>();
        var dueMs = new List<long>();
        using (var traffic = new CityTraffic(options, start))
        {
            for (var due = traffic.NextMs; due < start + 10_000 && traffic.TryNext(due); due = traffic.NextMs)
            {
                if (traffic.OffBecause is not null) continue;
                expected.Add((Encoding.UTF8.GetString(traffic.Topic.Span), Encoding.UTF8.GetString(traffic.Payload.Span)));
                dueMs.Add(due);
            }
        }

        var handler = new Recorder();
        await using var broker = await TestBroker.StartAsync(handler);
        using var stop = new CancellationTokenSource();
        var run = new CitySimulation(options, time).RunAsync(TestBroker.Url(broker), stop.Token);
        await Eventually.True(
            () =>
            {
                // The clock stays within a second of what has arrived: a city that is far behind its clock leaves measurements out.
                var count = handler.Count;
                if (count < expected.Count && time.GetUtcNow().ToUnixTimeMilliseconds() < dueMs[count] + 1000) time.Advance(TimeSpan.FromMilliseconds(50));
                return count >= expected.Count;
            },
            $"{expected.Count} messages of a city whose clock is moved by hand");
        await stop.CancelAsync();
        await run.Within("the city to end");
        Assert.Equal(expected, handler.Messages.Take(expected.Count));
    }

    [Fact]
    public async Task The_city_ends_after_its_duration()
    {
        await using var broker = await TestBroker.StartAsync();
        var simulation = new CitySimulation(new() { Rate = 1000, Duration = TimeSpan.FromSeconds(5), Connections = 2 }, TimeProvider.System);
        await simulation.RunAsync(TestBroker.Url(broker), CancellationToken.None).Within("the city to end");
        Assert.True(simulation.Sent > 100, $"{simulation.Sent} sent");
        Assert.Equal(simulation.Sent, simulation.Acknowledged);
    }

    /// <summary>On an address of its own: on 127.0.0.1 the port that a city waits at may become that of another test's broker, which would then get the city's messages.</summary>
    private static IPEndPoint FreeEndPoint()
    {
        using var listener = new TcpListener(IPAddress.Parse("127.0.3.1"), 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private sealed class Recorder : IPublishHandler
    {
        private readonly List<(string Topic, string Payload)> _messages = [];

        public IReadOnlyList<(string Topic, string Payload)> Messages
        {
            get
            {
                lock (_messages) return [.. _messages];
            }
        }

        public int Count
        {
            get
            {
                lock (_messages) return _messages.Count;
            }
        }

        public PublishResult Accept(in InboundPublish publish)
        {
            lock (_messages) _messages.Add((Encoding.UTF8.GetString(publish.Topic), Encoding.UTF8.GetString(publish.Payload)));
            return PublishResult.Done;
        }

        public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) => default;

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => default;
    }
}
