using System.Globalization;

namespace SmartCity.Silo.Tests;

/// <summary>Clients that are not ours publish to the host and subscribe to it, in both versions of MQTT, on IPv4 and IPv6.</summary>
public sealed class PeerTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private static readonly string[] s_hosts = ["127.0.0.1", "::1"];
    private static readonly string[] s_versions = ["3.1.1", "5"];
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private readonly SiloProcess _silo = fixture.Silo;

    public static TheoryData<string, string, string> EveryPeer
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var peer in Peer.All)
            {
                foreach (var version in s_versions)
                {
                    foreach (var host in s_hosts) rows.Add(peer, version, host);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(EveryPeer))]
    public async Task What_a_peer_publishes_is_in_the_API_within_a_second(string peer, string version, string host)
    {
        for (var qos = 0; qos <= 2; qos++)
        {
            var device = $"p{qos}-{Guid.NewGuid():N}";
            var value = 10.5 + qos;
            await Peer.PublishAsync(peer, host, _silo.MqttPort, version, "city/nam/sg/air/" + device, (qos, Payload(value)));
            var answer = await _silo.WaitForValueAsync(device, "pm25", value, s_second);
            Assert.Equal(("nam", "sg", "air", "online"), (
                answer.GetProperty("region").GetString(), answer.GetProperty("unit").GetString(),
                answer.GetProperty("kind").GetString(), answer.GetProperty("status").GetString()));
        }
    }

    [Theory]
    [MemberData(nameof(EveryPeer))]
    public async Task A_peer_receives_what_every_peer_publishes_once_and_in_order(string peer, string version, string host)
    {
        var device = "s-" + Guid.NewGuid().ToString("N");
        using var subscriber = await Peer.SubscribeAsync(peer, host, _silo.MqttPort, version, 2, $"city/+/dn/#");
        foreach (var publisher in Peer.All)
        {
            var topic = $"city/trung/dn/noise/{device}-{publisher}";
            // Publishers use the other version and the other address family.
            await Peer.PublishAsync(publisher, s_hosts.First(h => h != host), _silo.MqttPort, s_versions.First(v => v != version), topic, [.. Enumerable.Range(0, 3).Select(q => (q, Noise(q)))]);
            for (var qos = 0; qos <= 2; qos++)
            {
                var line = await subscriber.WaitForLineAsync(l => l.StartsWith("city/", StringComparison.Ordinal), $"QoS {qos} of {publisher}");
                Assert.Equal($"{topic} {qos} {Noise(qos)}", line);
            }

            await _silo.WaitForValueAsync($"{device}-{publisher}", "laeq", 62);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_subscriber_gets_at_most_the_QoS_it_asked_for(int asked)
    {
        var topic = "city/bac/hn/air/q-" + Guid.NewGuid().ToString("N");
        foreach (var peer in Peer.All)
        {
            using var subscriber = await Peer.SubscribeAsync(peer, "127.0.0.1", _silo.MqttPort, "5", asked, topic);
            await Peer.PublishAsync(Peer.Mosquitto, "127.0.0.1", _silo.MqttPort, "5", topic, (2, Payload(1)));
            var line = await subscriber.WaitForLineAsync(l => l.StartsWith("city/", StringComparison.Ordinal), "the message");
            Assert.StartsWith($"{topic} {asked} ", line, StringComparison.Ordinal);
        }
    }

    private static string Payload(double pm25) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}},"pm25":{{pm25}}}""");

    private static string Noise(int qos) => $$"""{"laeq":{{60 + qos}}}""";
}
