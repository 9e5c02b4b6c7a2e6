using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using SmartCity.Mqtt;

namespace SmartCity.Simulators.Tests;

/// <summary>The simulation and the load driver against a real broker over real sockets.</summary>
public sealed class BrokerTests
{
    [Fact]
    public async Task The_city_waits_for_a_broker_comes_back_after_it_was_gone_and_ends_without_an_exception()
    {
        var port = FreePort();
        using var stop = new CancellationTokenSource();
        var simulation = new CitySimulation(new() { Rate = 500 }, TimeProvider.System);
        var run = simulation.RunAsync(new($"mqtt://127.0.0.1:{port}"), stop.Token);
        Assert.False(run.IsCompleted);
        await using (await StartAsync(port))
        {
            await Eventually.True(() => simulation.Acknowledged > 100, "100 acknowledgements by a broker that started after the city");
        }

        var before = simulation.Acknowledged;
        await using var again = await StartAsync(port);
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
                expected.Add((Encoding.UTF8.GetString(traffic.Topic.Span), Encoding.UTF8.GetString(traffic.Payload.Span)));
                dueMs.Add(due);
            }
        }

        var port = FreePort();
        var handler = new Recorder();
        await using var broker = await StartAsync(port, handler);
        using var stop = new CancellationTokenSource();
        var run = new CitySimulation(options, time).RunAsync(new($"mqtt://127.0.0.1:{port}"), stop.Token);
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
        var port = FreePort();
        await using var broker = await StartAsync(port);
        var simulation = new CitySimulation(new() { Rate = 1000, Duration = TimeSpan.FromSeconds(0.5), Connections = 2 }, TimeProvider.System);
        await simulation.RunAsync(new($"mqtt://127.0.0.1:{port}"), CancellationToken.None).Within("the city to end");
        Assert.True(simulation.Sent > 100, $"{simulation.Sent} sent");
        Assert.Equal(simulation.Sent, simulation.Acknowledged);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<WebApplication> StartAsync(int port, IPublishHandler? handler = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        if (handler is not null) builder.Services.AddSingleton(handler);
        builder.Services.AddMqttBroker();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port, o => o.UseConnectionHandler<MqttConnectionHandler>()));
        var app = builder.Build();
        await app.StartAsync();
        return app;
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
