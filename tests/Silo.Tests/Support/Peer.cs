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
    public static Task PublishAsync(string peer, string host, int port, string version, string topic, params (int QoS, string Payload)[] messages) =>
        PublishAsync(peer, new PeerTarget(host, port), version, topic, messages);

    /// <inheritdoc cref="PublishAsync(string, string, int, string, string, ValueTuple{int, string}[])"/>
    public static async Task PublishAsync(string peer, PeerTarget target, string version, string topic, params (int QoS, string Payload)[] messages)
    {
        if (peer == Mosquitto)
        {
            foreach (var (qos, payload) in messages)
                await ChildProcess.RunAsync("mosquitto_pub", [.. target.MosquittoArguments, "-V", MosquittoVersion(version), "-q", $"{qos}", "-t", topic, "-m", payload]);
            return;
        }

        var (program, script) = Script(peer);
        Assert.Equal("published", await ChildProcess.RunAsync(
            program, [script, "pub", target.Host, $"{target.Port}", version, topic, .. messages.SelectMany(m => new[] { $"{m.QoS}", m.Payload })], target.Environment));
    }

    /// <summary>Starts a subscriber and waits until it is subscribed. It prints "TOPIC QOS PAYLOAD" for each message.</summary>
    public static Task<ChildProcess> SubscribeAsync(string peer, string host, int port, string version, int qos, string filter) =>
        SubscribeAsync(peer, new PeerTarget(host, port), version, qos, filter);

    /// <inheritdoc cref="SubscribeAsync(string, string, int, string, int, string)"/>
    public static async Task<ChildProcess> SubscribeAsync(string peer, PeerTarget target, string version, int qos, string filter)
    {
        var child = Start(peer, target, version, qos, filter);
        await child.WaitForLineAsync(line => line.StartsWith("subscribed", StringComparison.OrdinalIgnoreCase), "the subscription");
        return child;
    }

    /// <summary>Starts a subscriber without waiting: for one that is to be refused.</summary>
    public static ChildProcess Start(string peer, PeerTarget target, string version, int qos, string filter)
    {
        if (peer == Mosquitto)
        {
            // Into a pipe it would write only when its buffer is full.
            return ChildProcess.Start("stdbuf", ["-oL", "mosquitto_sub", "-d", .. target.MosquittoArguments, "-V", MosquittoVersion(version), "-q", $"{qos}", "-t", filter, "-F", "%t %q %p"]);
        }

        var (program, script) = Script(peer);
        return ChildProcess.Start(program, [script, "sub", target.Host, $"{target.Port}", version, $"{qos}", filter], target.Environment);
    }

    private static (string Program, string Script) Script(string peer) =>
        peer == Paho ? ("/usr/bin/python3", s_root + "paho_peer.py") : ("node", s_root + "mqttjs-peer.mjs");

    private static string MosquittoVersion(string version) => version == "5" ? "mqttv5" : "mqttv311";
}
