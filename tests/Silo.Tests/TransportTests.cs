using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SmartCity.Silo.Tests;

/// <summary>TLS and WebSocket, alone and together, with clients that are not ours; and what must not get through.</summary>
public sealed class TransportTests(TransportTests.Fixture fixture) : IClassFixture<TransportTests.Fixture>
{
    private static readonly string[] s_versions = ["3.1.1", "5"];
    private readonly SiloProcess _silo = fixture.Silo;

    public static TheoryData<string, string, string, string> EveryTransport
    {
        get
        {
            var rows = new TheoryData<string, string, string, string>();
            foreach (var peer in Peer.All)
            {
                foreach (var transport in peer == Peer.Mosquitto ? ["tls"] : new[] { "tls", "ws", "wss", "ws-http" })
                {
                    foreach (var version in s_versions) rows.Add(peer, transport, version, version == "5" ? "::1" : "127.0.0.1");
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(EveryTransport))]
    public async Task A_peer_publishes_and_receives_over_every_transport(string peer, string transport, string version, string host)
    {
        // paho writes an IPv6 address into its Host header without brackets, which no web server takes.
        if (peer == Peer.Paho && transport.StartsWith("ws", StringComparison.Ordinal)) host = "127.0.0.1";
        var target = fixture.Target(transport, host);
        var device = "t-" + Guid.NewGuid().ToString("N");
        var topic = "city/nam/sg/noise/" + device;
        using var subscriber = await Peer.SubscribeAsync(peer, target, version, 2, topic);
        await Peer.PublishAsync(peer, target, version, topic, [.. Enumerable.Range(0, 3).Select(q => (q, $$"""{"laeq":{{60 + q}}}"""))]);
        for (var qos = 0; qos <= 2; qos++)
        {
            var line = await subscriber.WaitForLineAsync(l => l.StartsWith("city/", StringComparison.Ordinal), $"QoS {qos} over {transport}");
            Assert.Equal($$"""{{topic}} {{qos}} {"laeq":{{60 + qos}}}""", line);
        }

        await _silo.WaitForValueAsync(device, "laeq", 62);
    }

    [Fact]
    public async Task Packets_may_span_WebSocket_frames_and_share_them()
    {
        using var socket = await OpenAsync();
        byte[] connect = [0x10, 15, 0, 4, .. "MQTT"u8, 4, 2, 0, 0, 0, 3, .. "one"u8];
        byte[] rest = [0xC0, 0, 0xC0, 0]; // two PINGREQ
        foreach (var b in connect) await socket.SendAsync(new[] { b }, WebSocketMessageType.Binary, endOfMessage: b % 2 == 0, default);
        Assert.Equal([0x20, 2, 0, 0], await ReceiveAsync(socket, 4));
        await socket.SendAsync(rest, WebSocketMessageType.Binary, endOfMessage: true, default);
        Assert.Equal([0xD0, 0, 0xD0, 0], await ReceiveAsync(socket, 4));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_text_frame_closes_the_connection()
    {
        using var socket = await OpenAsync();
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, default);
        var result = await socket.ReceiveAsync(new byte[16], default).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.InvalidMessageType), (result.MessageType, result.CloseStatus));
    }

    [Theory]
    [InlineData("http://elsewhere.example", null, false)]
    [InlineData("http://elsewhere.example", "elsewhere.example", false)] // DNS rebinding: a foreign name that leads to us
    [InlineData("https://map.example.org", null, true)] // listed
    [InlineData(null, null, true)] // no browser
    [InlineData("self", null, true)]
    public async Task Only_pages_of_an_allowed_origin_may_connect(string? origin, string? host, bool isAllowed)
    {
        if (origin == "self") origin = $"http://127.0.0.1:{_silo.HttpPort}";
        if (isAllowed)
        {
            using var socket = await OpenAsync(origin);
            Assert.Equal(WebSocketState.Open, socket.State);
        }
        else
        {
            var refused = await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(origin, host));
            Assert.Contains("403", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_WebSocket_needs_the_subprotocol_and_the_path()
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await _silo.Http.GetAsync("/mqtt")).StatusCode);
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(subprotocol: "chat"));

        // The listener that is for MQTT only answers nothing else.
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync($"http://127.0.0.1:{fixture.WebSocketPort}/api/v1/areas")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync($"http://127.0.0.1:{fixture.WebSocketPort}/mqtt")).StatusCode);
    }

    [Theory]
#pragma warning disable CA5397, CA5398, SYSLIB0039 // old versions are what is tried
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore CA5397, CA5398, SYSLIB0039
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
    public async Task TLS_is_1_2_or_1_3(SslProtocols version, bool isAllowed)
    {
        var handshake = HandshakeAsync(version);
        if (isAllowed) Assert.Equal(version, (await handshake).Version);
        else await Assert.ThrowsAnyAsync<Exception>(() => handshake);
    }

    [Fact]
    public async Task A_renewed_certificate_is_taken_over_and_a_bad_one_is_not()
    {
        var (certificate, key) = fixture.Authority.MakeServer("renewed");
        File.Copy(key, fixture.KeyFile, overwrite: true);
        File.Copy(certificate, fixture.CertificateFile, overwrite: true);
        await _silo.Child.WaitForLineAsync(l => l.Contains("CN=renewed", StringComparison.Ordinal), "the new certificate");
        Assert.Equal("CN=renewed", (await HandshakeAsync(SslProtocols.Tls13)).Subject);

        await File.WriteAllTextAsync(fixture.CertificateFile, "no certificate");
        await _silo.Child.WaitForLineAsync(l => l.Contains("the old certificate stays in force", StringComparison.Ordinal), "the complaint");
        Assert.Equal("CN=renewed", (await HandshakeAsync(SslProtocols.Tls13)).Subject);
        File.Copy(certificate, fixture.CertificateFile, overwrite: true);
    }

    [Fact]
    public async Task A_PKCS12_file_serves_too_and_a_silent_handshake_is_cut_off_and_keeps_nobody_out()
    {
        using var authority = new TestAuthority("Another authority");
        var passwordFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(passwordFile, "pfx-secret\n");
        var port = Ports.Next();
        await using var silo = await SiloProcess.StartAsync(
            "--Mqtt:Port=0", $"--Mqtt:Tls:Port={port}", $"--Mqtt:Tls:Certificate={authority.MakeServerPkcs12("pfx-secret")}", $"--Mqtt:Tls:PasswordFile={passwordFile}",
            "--Mqtt:Limits:ConnectTimeout=00:00:02", "--Mqtt:Limits:MaxPendingConnectionsPerAddress=8", "--Mqtt:Address=127.0.0.1,127.0.0.2,::1");
        var silent = new List<TcpClient>();
        for (var i = 0; i < 30; i++)
        {
            var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port);
                silent.Add(client);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset && i >= 8)
            {
                client.Dispose(); // one too many, and cut off before this side saw that it was connected
            }
        }

        // ::1 is another address than the one that holds its handshakes.
        var target = new PeerTarget("::1", port, "tls", authority.CaFile);
        await Peer.PublishAsync(Peer.Mosquitto, target, "5", "city/nam/sg/noise/pkcs12", (1, """{"laeq":60}"""));
        foreach (var client in silent) Assert.Equal(0, await ReadToEndAsync(client));
        await Peer.PublishAsync(Peer.Mosquitto, target with { Host = "127.0.0.1" }, "5", "city/nam/sg/noise/pkcs12", (1, """{"laeq":61}"""));
        foreach (var client in silent) client.Dispose();
        File.Delete(passwordFile);
    }

    [Fact]
    public async Task One_listener_on_every_address_takes_both_families_and_asks_who_it_is()
    {
        await using var silo = await SiloProcess.StartAsync("--Mqtt:Address=0.0.0.0,::", "--Access:Mode=Required", "--Access:AllowPlainText=true");
        foreach (var host in new[] { "127.0.0.1", "::1" })
        {
            using var refused = Peer.Start(Peer.Mosquitto, new(host, silo.MqttPort), "5", 0, "city/#");
            await refused.WaitForLineAsync(l => l.Contains("CONNACK (135)", StringComparison.Ordinal) || l.Contains("Not authorized", StringComparison.OrdinalIgnoreCase), "the CONNACK with 0x87");
        }
    }

    private static async Task<int> ReadToEndAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (IOException)
        {
            return 0; // reset instead of closed
        }
    }

    private async Task<(SslProtocols Version, string Subject)> HandshakeAsync(SslProtocols version)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", fixture.TlsPort);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = version,
            CertificateChainPolicy = fixture.TrustPolicy(),
        }).WaitAsync(TimeSpan.FromSeconds(15));
        return (tls.SslProtocol, tls.RemoteCertificate!.Subject);
    }

    private async Task<ClientWebSocket> OpenAsync(string? origin = null, string? host = null, string subprotocol = "mqtt")
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(subprotocol);
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        if (host is not null) socket.Options.SetRequestHeader("Host", host);
        await socket.ConnectAsync(new($"ws://127.0.0.1:{_silo.HttpPort}/mqtt"), default).WaitAsync(TimeSpan.FromSeconds(10));
        return socket;
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket, int count)
    {
        var buffer = new byte[count];
        for (var have = 0; have < count;)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(have), default).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            Assert.Equal(WebSocketMessageType.Binary, result.MessageType);
            have += result.Count;
        }

        return buffer;
    }

    /// <summary>A host with all four kinds of listeners.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        public TestAuthority Authority { get; } = new("Test authority");

        public SiloProcess Silo { get; private set; } = null!;

        public int TlsPort { get; } = Ports.Next();

        public int WebSocketPort { get; } = Ports.Next();

        public int SecureWebSocketPort { get; } = Ports.Next();

        public string CertificateFile { get; private set; } = "";

        public string KeyFile { get; private set; } = "";

        public PeerTarget Target(string transport, string host) => transport switch
        {
            "tls" => new(host, TlsPort, "tls", Authority.CaFile),
            "ws" => new(host, WebSocketPort, "ws"),
            "ws-http" => new(host, Silo.HttpPort, "ws"),
            _ => new(host, SecureWebSocketPort, "wss", Authority.CaFile),
        };

        public X509ChainPolicy TrustPolicy()
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(Authority.CaFile);
            return policy;
        }

        public async ValueTask InitializeAsync()
        {
            (CertificateFile, KeyFile) = Authority.MakeServer();
            Silo = await SiloProcess.StartAsync(
                $"--Mqtt:Tls:Port={TlsPort}", $"--Mqtt:Tls:WebSocketPort={SecureWebSocketPort}", $"--Mqtt:WebSocketPort={WebSocketPort}",
                $"--Mqtt:Tls:Certificate={CertificateFile}", $"--Mqtt:Tls:Key={KeyFile}", "--Mqtt:AllowedOrigins=https://map.example.org");
        }

        public async ValueTask DisposeAsync()
        {
            if (Silo is not null) await Silo.DisposeAsync();
            Authority.Dispose();
        }
    }
}
