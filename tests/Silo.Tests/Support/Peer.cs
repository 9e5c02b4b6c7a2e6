using System.Reflection;

namespace SmartCity.Silo.Tests;

/// <summary>MQTT clients that are not ours, as programs of their own.</summary>
public static class Peer
{
    public const string Mosquitto = "mosquitto";
    public const string Paho = "paho";
    public const string MqttJs = "MQTT.js";

    public static IReadOnlyList<string> All { get; } = [Mosquitto, Paho, MqttJs];

    private static readonly string s_root = typeof(Peer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "PeersRoot").Value!;

    /// <summary>Publishes messages to one topic and ends when they are acknowledged.</summary>
    public static async Task PublishAsync(string peer, string host, int port, string version, string topic, params (int QoS, string Payload)[] messages)
    {
        if (peer == Mosquitto)
        {
            foreach (var (qos, payload) in messages)
                await ChildProcess.RunAsync("mosquitto_pub", "-h", host, "-p", $"{port}", "-V", MosquittoVersion(version), "-q", $"{qos}", "-t", topic, "-m", payload);
            return;
        }

        var (program, script) = Script(peer);
        Assert.Equal("published", await ChildProcess.RunAsync(
            program, [script, "pub", host, $"{port}", version, topic, .. messages.SelectMany(m => new[] { $"{m.QoS}", m.Payload })]));
    }

    /// <summary>Starts a subscriber and waits until it is subscribed. It prints "TOPIC QOS PAYLOAD" for each message.</summary>
    public static async Task<ChildProcess> SubscribeAsync(string peer, string host, int port, string version, int qos, string filter)
    {
        ChildProcess child;
        if (peer == Mosquitto)
        {
            // Into a pipe it would write only when its buffer is full.
            child = ChildProcess.Start("stdbuf", ["-oL", "mosquitto_sub", "-d", "-h", host, "-p", $"{port}", "-V", MosquittoVersion(version), "-q", $"{qos}", "-t", filter, "-F", "%t %q %p"]);
        }
        else
        {
            var (program, script) = Script(peer);
            child = ChildProcess.Start(program, [script, "sub", host, $"{port}", version, $"{qos}", filter]);
        }

        await child.WaitForLineAsync(line => line.StartsWith("subscribed", StringComparison.OrdinalIgnoreCase), "the subscription");
        return child;
    }

    private static (string Program, string Script) Script(string peer) =>
        peer == Paho ? ("/usr/bin/python3", s_root + "paho_peer.py") : ("node", s_root + "mqttjs-peer.mjs");

    private static string MosquittoVersion(string version) => version == "5" ? "mqttv5" : "mqttv311";
}
