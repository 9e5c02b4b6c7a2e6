using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace SmartCity.Mqtt.Tests;

/// <summary>What the client does when things go wrong, and its fast path.</summary>
public sealed class ClientTests
{
    [Fact]
    public async Task Connection_refused_names_the_address_and_says_what_to_do()
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)unused.LocalEndPoint!).Port;
        await using var client = new MqttClient(new() { Host = "127.0.0.1", Port = port });
        var refused = await Assert.ThrowsAsync<MqttConnectException>(() => client.ConnectAsync());
        Assert.Contains($"127.0.0.1:{port}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Start the MQTT broker", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_ends_in_a_timeout()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        await using var client = new MqttClient(new()
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)silent.LocalEndPoint!).Port,
            ConnectTimeout = TimeSpan.FromMilliseconds(200),
        });
        var late = await Assert.ThrowsAsync<MqttConnectException>(() => client.ConnectAsync());
        Assert.Contains("did not answer within 0.2 s", late.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311, MqttQoS.AtLeastOnce)]
    [InlineData(MqttProtocolVersion.V500, MqttQoS.ExactlyOnce)]
    public async Task The_fast_path_sends_in_order_within_its_window_and_every_acknowledgement_is_seen(MqttProtocolVersion version, MqttQoS qos)
    {
        const int Count = 20_000;
        var handler = new ScriptedHandler { Durable = false };
        await using var host = await BrokerHost.StartAsync(handler);
        var acknowledged = 0;
        await using var client = await host.ConnectAsync(host.Options("fast", version) with
        {
            MaxInFlight = 64,
            OnAcknowledged = a => Interlocked.Add(ref acknowledged, a.ReasonCode == MqttReasonCode.Success ? 1 : 1_000_000),
        });
        var topic = "t"u8.ToArray();
        for (var i = 0; i < Count; i++) await client.SendAsync(topic, Encoding.UTF8.GetBytes($"{i}"), qos, flush: i % 16 == 15);
        await client.DrainAsync().Within("all acknowledgements");
        Assert.Equal(Count, acknowledged);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i}"), handler.Accepted.Select(a => a.Payload));
    }

    [Fact]
    public async Task It_comes_back_and_subscribes_again_after_a_lost_connection()
    {
        await using var host = await BrokerHost.StartAsync();
        await using var client = await host.ConnectAsync(host.Options("c") with { Reconnect = true, ReconnectMinDelay = TimeSpan.FromMilliseconds(5) });
        var got = Channel.CreateUnbounded<MqttMessage>();
        await client.SubscribeAsync("t", MqttQoS.AtLeastOnce, (m, stop) => got.Writer.WriteAsync(m, stop));
        for (var round = 1; round <= 3; round++)
        {
            Assert.True(host.Broker.Disconnect("c", MqttReasonCode.AdministrativeAction, "test"));
            await Eventually.True(() => client.Reconnects == round && host.Broker.Subscriptions.Count == 1 && client.IsConnected, $"reconnect {round}");
            Assert.Equal(MqttReasonCode.Success, await client.PublishAsync("t", "x"u8.ToArray(), MqttQoS.AtLeastOnce));
            await got.Reader.ReadAsync().AsTask().Within("the message after the reconnect");
        }
    }

    [Fact]
    public async Task What_was_not_acknowledged_fails_when_the_connection_is_lost_and_waiters_for_the_window_too()
    {
        await using var host = await BrokerHost.StartAsync(new ScriptedHandler());
        await using var client = await host.ConnectAsync(host.Options("c") with { MaxInFlight = 2 });
        var waiting = Enumerable.Range(0, 5).Select(_ => client.PublishAsync("t", default, MqttQoS.AtLeastOnce).AsTask()).ToList();
        await Eventually.True(() => host.Metrics.PublishesIn(MqttQoS.AtLeastOnce) == 2, "two messages at the broker, three waiting for the window");
        host.Broker.Disconnect("c", MqttReasonCode.AdministrativeAction, "test");
        foreach (var task in waiting)
        {
            await Assert.ThrowsAsync<MqttConnectionLostException>(() => task.Within("the publish to fail"));
        }

        await Assert.ThrowsAsync<MqttConnectionLostException>(async () => await client.PublishAsync("t", default));
    }

    [Fact]
    public async Task MQTT_3_1_2_24_It_pings_and_gives_up_on_a_server_that_does_not_answer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var time = new FakeTimeProvider();
        await using var client = new MqttClient(new()
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)listener.LocalEndpoint).Port,
            KeepAlive = TimeSpan.FromSeconds(20),
            Time = time,
            Version = MqttProtocolVersion.V311,
        });
        var connecting = client.ConnectAsync();
        using var server = new RawConnection(await listener.AcceptSocketAsync());
        await server.ReadPacketAsync("CONNECT");
        await server.SendAsync(0x20, 2, 0, 0);
        await connecting.Within("the connect");
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([0xC0, 0], await server.ReadPacketAsync("PINGREQ"));
        var ended = client.WhenDisconnected;
        time.Advance(TimeSpan.FromSeconds(10));
        await ended.Within("the client to give up");
        Assert.Contains("PINGREQ", client.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_throws_does_not_end_the_subscription()
    {
        await using var host = await BrokerHost.StartAsync();
        await using var client = await host.ConnectAsync("c");
        var got = Channel.CreateUnbounded<string>();
        await client.SubscribeAsync("t", MqttQoS.AtLeastOnce, (m, stop) =>
        {
            var text = Encoding.UTF8.GetString(m.Payload.Span);
            return text == "bad" ? throw new FormatException(text) : got.Writer.WriteAsync(text, stop);
        });
        await client.PublishAsync("t", "bad"u8.ToArray(), MqttQoS.AtLeastOnce);
        await client.PublishAsync("t", "good"u8.ToArray(), MqttQoS.AtLeastOnce);
        Assert.Equal("good", await got.Reader.ReadAsync().AsTask().Within("the message after the bad one"));
    }

    [Theory]
    [InlineData("mqtt://localhost", "localhost", 1883, null)]
    [InlineData("mqtt://u%40x:p@[::1]:99", "::1", 99, "u@x")]
    public void Addresses_are_taken_apart(string url, string host, int port, string? user)
    {
        var options = new MqttClientOptions().WithUrl(new(url));
        Assert.Equal((host, port, user), (options.Host, options.Port, options.UserName));
        Assert.Contains("mqtt://localhost:1883", Assert.Throws<ArgumentException>(() => options.WithUrl(new("http://x"))).Message, StringComparison.Ordinal);
    }
}
