using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace SmartCity.Mqtt.Tests;

/// <summary>Other people's clients against our broker, and our client against mosquitto.</summary>
public sealed class InteropTests
{
    public static TheoryData<string, int> VersionsAndQoS => new() { { "311", 0 }, { "311", 1 }, { "311", 2 }, { "5", 0 }, { "5", 1 }, { "5", 2 } };

    [Theory]
    [MemberData(nameof(VersionsAndQoS))]
    public async Task Mosquitto_sub_gets_what_mosquitto_pub_sends(string version, int qos)
    {
        await using var host = await BrokerHost.StartAsync();
        using var sub = ChildProcess.Start("mosquitto_sub", $"-h 127.0.0.1 -p {host.Port} -V {version} -q {qos} -t city/+/hn/# -C 3 -W 20 -v");
        await Eventually.True(() => host.Broker.Subscriptions.Count == 1, "the subscription of mosquitto_sub");
        for (var i = 1; i <= 3; i++)
        {
            using var pub = ChildProcess.Start("mosquitto_pub", $"-h 127.0.0.1 -p {host.Port} -V {version} -q {qos} -t city/bac/hn/air/d{i} -m value-{i}");
            await pub.EndAsync();
        }

        Assert.Equal("city/bac/hn/air/d1 value-1\ncity/bac/hn/air/d2 value-2\ncity/bac/hn/air/d3 value-3\n", await sub.EndAsync());
    }

    [Theory]
    [InlineData("MQTTv311", "clean_session=True")]
    [InlineData("MQTTv5", "")]
    public async Task Paho_publishes_and_subscribes(string version, string arguments)
    {
        await using var host = await BrokerHost.StartAsync(new ScriptedHandler { Durable = false });
        using var paho = ChildProcess.Start("/usr/bin/python3", "-", $$"""
            import paho.mqtt.client as mqtt, threading
            got, done = [], threading.Event()
            c = mqtt.Client(client_id="paho", protocol=mqtt.{{version}}{{(arguments.Length > 0 ? ", " + arguments : "")}})
            def on_connect(c, *_): c.subscribe([("a/#", 2)])
            def on_subscribe(c, *_):
                for i in range(300): c.publish("a/b", "m%d" % i, qos=i % 3)
            def on_message(c, u, m):
                got.append(m.payload.decode())
                if len(got) == 300: done.set()
            c.on_connect, c.on_subscribe, c.on_message = on_connect, on_subscribe, on_message
            c.connect("127.0.0.1", {{host.Port}}, 5)
            c.loop_start()
            done.wait(20)
            c.disconnect()
            c.loop_stop()
            print(len(got), len(set(got)))
            """);
        Assert.Equal("300 300\n", await paho.EndAsync());
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311, MqttQoS.AtMostOnce)]
    [InlineData(MqttProtocolVersion.V311, MqttQoS.AtLeastOnce)]
    [InlineData(MqttProtocolVersion.V500, MqttQoS.AtLeastOnce)]
    [InlineData(MqttProtocolVersion.V500, MqttQoS.ExactlyOnce)]
    public async Task Our_client_works_with_mosquitto(MqttProtocolVersion version, MqttQoS qos)
    {
        using var mosquitto = await Mosquitto.StartAsync();
        await using var client = new MqttClient(new() { Host = "127.0.0.1", Port = mosquitto.Port, Version = version, ClientId = "ours" });
        await client.ConnectAsync();
        var got = Channel.CreateUnbounded<string>();
        Assert.Equal(qos, await client.SubscribeAsync("t/+", qos, (m, stop) => got.Writer.WriteAsync(Encoding.UTF8.GetString(m.Payload.Span), stop)));
        for (var i = 0; i < 200; i++) await client.PublishAsync("t/x", Encoding.UTF8.GetBytes($"{i}"), qos);
        for (var i = 0; i < 200; i++) Assert.Equal($"{i}", await got.Reader.ReadAsync().AsTask().Within($"message {i}"));
        await client.UnsubscribeAsync("t/+");
    }
}
