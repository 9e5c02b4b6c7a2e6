using System.Text;
using System.Threading.Channels;

namespace SmartCity.Mqtt.Tests;

/// <summary>The client over TLS and WebSocket, against mosquitto.</summary>
public sealed class ClientTransportTests
{
    [Theory]
    [InlineData("mqtts", MqttProtocolVersion.V311)]
    [InlineData("mqtts", MqttProtocolVersion.V500)]
    [InlineData("ws", MqttProtocolVersion.V311)]
    [InlineData("ws", MqttProtocolVersion.V500)]
    [InlineData("wss", MqttProtocolVersion.V500)]
    public async Task It_works_over_every_transport_with_payloads_of_any_size(string scheme, MqttProtocolVersion version)
    {
        using var certificates = new TestCertificates();
        using var mosquitto = await Mosquitto.StartAsync([.. Listener(scheme, certificates)]);
        await using var client = await ConnectAsync(new MqttClientOptions { Version = version, CaFile = certificates.AuthorityFile }, scheme, mosquitto);
        var got = Channel.CreateUnbounded<MqttMessage>();
        await client.SubscribeAsync("t/+", MqttQoS.ExactlyOnce, (m, stop) => got.Writer.WriteAsync(m, stop));

        // mosquitto 2.0.11 reads a WebSocket at 40 kB/s, from any client.
        int[] sizes = scheme == "mqtts" ? [0, 1, 125, 126, 2000, 16_384, 65_535, 65_536, 1_000_000] : [0, 1, 125, 126, 2000, 16_384];
        foreach (var size in sizes)
        {
            await client.PublishAsync("t/x", Payload(size), MqttQoS.ExactlyOnce).AsTask().Within($"PUBCOMP of the payload of {size} bytes");
            var message = await got.Reader.ReadAsync().AsTask().Within($"the payload of {size} bytes");
            Assert.True(Payload(size).AsSpan().SequenceEqual(message.Payload.Span), $"The payload of {size} bytes is another one.");
        }
    }

    [Fact]
    public async Task A_server_that_is_not_trusted_has_another_name_or_is_expired_is_refused_and_the_message_says_which()
    {
        using var certificates = new TestCertificates();
        using var strangers = new TestCertificates();
        using (var mosquitto = await Mosquitto.StartAsync([.. Listener("mqtts", certificates)]))
        {
            Assert.Contains("is not trusted", await RefusalAsync(new(), "mqtts", mosquitto), StringComparison.Ordinal);
            Assert.Contains("give the CA file", await RefusalAsync(new(), "mqtts", mosquitto), StringComparison.Ordinal);
            Assert.Contains("is not trusted", await RefusalAsync(new() { CaFile = strangers.AuthorityFile }, "mqtts", mosquitto), StringComparison.Ordinal);
            Assert.Contains("no-such-file", await RefusalAsync(new() { CaFile = "no-such-file" }, "mqtts", mosquitto), StringComparison.Ordinal);
        }

        using (var mosquitto = await Mosquitto.StartAsync([.. Listener("mqtts", certificates, certificates.Sign("other.example", loopback: false))]))
        {
            Assert.Contains("is not for the name 127.0.0.1", await RefusalAsync(new() { CaFile = certificates.AuthorityFile }, "mqtts", mosquitto), StringComparison.Ordinal);
        }

        using (var mosquitto = await Mosquitto.StartAsync([.. Listener("wss", certificates, certificates.Sign("old.example", expired: true))]))
        {
            Assert.Contains("is not trusted", await RefusalAsync(new() { CaFile = certificates.AuthorityFile }, "wss", mosquitto), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_certificate_is_shown_to_a_server_that_asks_for_one()
    {
        using var certificates = new TestCertificates();
        using var mosquitto = await Mosquitto.StartAsync([.. Listener("mqtts", certificates), "require_certificate true"]);
        var identity = certificates.Sign("gateway-1");
        await using (var client = await ConnectAsync(
            new() { CaFile = certificates.AuthorityFile, ClientCertificateFile = identity.Certificate, ClientKeyFile = identity.Key }, "mqtts", mosquitto))
        {
            Assert.Equal(MqttReasonCode.Success, await client.PublishAsync("t", "x"u8.ToArray(), MqttQoS.ExactlyOnce));
        }

        await Assert.ThrowsAsync<MqttConnectException>(() => ConnectAsync(new() { CaFile = certificates.AuthorityFile }, "mqtts", mosquitto));
    }

    [Theory]
    [InlineData("mqtts://h", MqttClientTransport.Tls, "h", 8883, "/mqtt")]
    [InlineData("ssl://u:p@h:99", MqttClientTransport.Tls, "h", 99, "/mqtt")]
    [InlineData("ws://h", MqttClientTransport.WebSocket, "h", 80, "/mqtt")]
    [InlineData("wss://[::1]/broker?x=1", MqttClientTransport.WebSocketTls, "::1", 443, "/broker?x=1")]
    [InlineData("tcp://h:1", MqttClientTransport.Tcp, "h", 1, "/mqtt")]
    public void Addresses_of_every_transport_are_taken_apart(string url, MqttClientTransport transport, string host, int port, string path)
    {
        var options = new MqttClientOptions().WithUrl(new(url));
        Assert.Equal((transport, host, port, path), (options.Transport, options.Host, options.Port, options.Path));
    }

    [Fact]
    public void No_message_and_no_text_shows_the_password()
    {
        var wrong = Assert.Throws<ArgumentException>(() => new MqttClientOptions().WithUrl(new("https://user:hunter2@h/x")));
        Assert.DoesNotContain("hunter2", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", new MqttClientOptions().WithUrl(new("mqtt://user:hunter2@h")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_of_a_shared_subscription_reach_its_handler_and_are_spread_over_the_group()
    {
        using var mosquitto = await Mosquitto.StartAsync();
        var counts = new int[2];
        await using var first = await ConnectAsync(new(), "mqtt", mosquitto);
        await using var second = await ConnectAsync(new(), "mqtt", mosquitto);
        await first.SubscribeAsync("$share/g/t/#", MqttQoS.AtLeastOnce, (_, _) => Count(0));
        await second.SubscribeAsync("$share/g/t/#", MqttQoS.AtLeastOnce, (_, _) => Count(1));
        for (var i = 0; i < 100; i++) await first.PublishAsync($"t/{i}", default, MqttQoS.AtLeastOnce);
        await Eventually.True(() => counts[0] + counts[1] == 100, "100 messages in the group");
        Assert.All(counts, c => Assert.True(c > 0, "One member got nothing."));
        await Assert.ThrowsAsync<ArgumentException>(() => first.SubscribeAsync("$share/g", MqttQoS.AtLeastOnce, (_, _) => default));

        ValueTask Count(int member)
        {
            Interlocked.Increment(ref counts[member]);
            return default;
        }
    }

    private static byte[] Payload(int size) => Encoding.ASCII.GetBytes(string.Create(size, size, (chars, seed) =>
    {
        for (var i = 0; i < chars.Length; i++) chars[i] = (char)('a' + (((i / 7) + seed) % 26));
    }));

    private static IEnumerable<string> Listener(string scheme, TestCertificates certificates, (string Certificate, string Key)? server = null)
    {
        if (scheme is "ws" or "wss") yield return "protocol websockets";
        if (scheme is not ("mqtts" or "wss")) yield break;
        var (certificate, key) = server ?? certificates.Sign("broker.example");
        yield return $"cafile {certificates.AuthorityFile}";
        yield return $"certfile {certificate}";
        yield return $"keyfile {key}";
    }

    private static async Task<MqttClient> ConnectAsync(MqttClientOptions options, string scheme, Mosquitto mosquitto)
    {
        var client = new MqttClient(options.WithUrl(new($"{scheme}://127.0.0.1:{mosquitto.Port}")));
        await client.ConnectAsync();
        return client;
    }

    private static async Task<string> RefusalAsync(MqttClientOptions options, string scheme, Mosquitto mosquitto) =>
        (await Assert.ThrowsAsync<MqttConnectException>(() => ConnectAsync(options, scheme, mosquitto))).Message;
}
