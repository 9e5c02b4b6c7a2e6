using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>Devices that prove who they are by certificate or token, with clients that are not ours; and those that cannot.</summary>
public sealed class ProofTests(ProofTests.Fixture fixture) : IClassFixture<ProofTests.Fixture>
{
    private readonly SiloProcess _silo = fixture.Silo;

    public static TheoryData<string, string, string> EveryPeer => new(
        Peer.All.SelectMany(p => (p == Peer.Mosquitto ? ["tls"] : new[] { "tls", "wss" }).Select(t => (p, t, t == "tls" ? "5" : "3.1.1"))));

    [Theory]
    [MemberData(nameof(EveryPeer))]
    public async Task A_device_with_a_certificate_speaks_for_itself_only(string peer, string transport, string version)
    {
        var device = "cert-" + Guid.NewGuid().ToString("N");
        var target = fixture.Target(transport, fixture.Devices.MakeClient(device));
        await Peer.PublishAsync(peer, target, version, "city/nam/sg/noise/" + device, (0, """{"laeq":60}"""), (1, """{"laeq":61}"""), (2, """{"laeq":62}"""));
        await _silo.WaitForValueAsync(device, "laeq", 62);

        await Peer.PublishAsync(Peer.Mosquitto, fixture.Target("tls", (target.CertificateFile!, target.KeyFile!)), "3.1.1", "city/nam/sg/noise/not-" + device, (1, """{"laeq":1}"""));
        await fixture.WaitForAuditAsync(l => l.Contains("publish-denied", StringComparison.Ordinal) && l.Contains("not-" + device, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("expired", "expired")]
    [InlineData("too early", "expired")]
    [InlineData("foreign", "untrusted")]
    [InlineData("server", "not-for-clients")]
    public async Task A_certificate_that_proves_nothing_ends_the_handshake_with_a_counter_and_a_line(string what, string reason)
    {
        using var foreign = new TestAuthority("Foreign authority");
        var name = "bad-" + Guid.NewGuid().ToString("N");
        var pair = what switch
        {
            "expired" => fixture.Devices.MakeClient(name, TimeSpan.FromDays(-10), TimeSpan.FromDays(-1)),
            "too early" => fixture.Devices.MakeClient(name, TimeSpan.FromDays(1), TimeSpan.FromDays(10)),
            "foreign" => foreign.MakeClient(name),
            _ => fixture.Devices.MakeServer(name),
        };
        var before = await CounterAsync(reason);
        using var refused = Peer.Start(Peer.Mosquitto, fixture.Target("tls", pair), "5", 0, "cmd/x/#");
        Assert.NotEqual(0, await refused.WaitForEndAsync());
        Assert.Equal(before + 1, await CounterAsync(reason));
        await fixture.WaitForAuditAsync(l => l.Contains("certificate-refused", StringComparison.Ordinal) && l.Contains(name, StringComparison.Ordinal) && l.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_revoked_certificate_is_refused_and_its_connection_ended()
    {
        var device = "lost-" + Guid.NewGuid().ToString("N");
        var target = fixture.Target("tls", fixture.Devices.MakeClient(device));
        using var subscriber = await Peer.SubscribeAsync(Peer.Mosquitto, target, "5", 1, $"cmd/{device}/#");
        await fixture.RunAsync("revoke", device);
        await subscriber.WaitForLineAsync(l => l.Contains("DISCONNECT", StringComparison.Ordinal) && l.Contains("152", StringComparison.Ordinal), "the DISCONNECT with 0x98");
        using var again = Peer.Start(Peer.Paho, target, "5", 1, $"cmd/{device}/#");
        Assert.NotEqual(0, await again.WaitForEndAsync());
    }

    [Theory]
    [MemberData(nameof(EveryPeer))]
    public async Task A_device_with_a_token_speaks_for_itself(string peer, string transport, string version)
    {
        var device = "jwt-" + Guid.NewGuid().ToString("N");
        var target = fixture.Target(transport, null) with { User = "ignored", Password = fixture.Token(device, TimeSpan.FromMinutes(5)) };
        await Peer.PublishAsync(peer, target, version, "city/nam/sg/noise/" + device, (1, """{"laeq":61}"""));
        await _silo.WaitForValueAsync(device, "laeq", 61);
    }

    [Fact]
    public async Task A_connection_ends_when_its_token_does()
    {
        var device = "ends-" + Guid.NewGuid().ToString("N");
        var target = fixture.Target("tls", null) with { User = "x", Password = fixture.Token(device, TimeSpan.FromSeconds(4)) };
        using var subscriber = await Peer.SubscribeAsync(Peer.Mosquitto, target, "5", 1, $"cmd/{device}/#");
        await subscriber.WaitForLineAsync(l => l.Contains("DISCONNECT", StringComparison.Ordinal) && l.Contains("160", StringComparison.Ordinal), "the DISCONNECT with 0xA0");
        using var again = Peer.Start(Peer.Mosquitto, target, "5", 1, $"cmd/{device}/#");
        Assert.NotEqual(0, await again.WaitForEndAsync());
    }

    [Fact]
    public async Task A_forged_token_is_refused_audited_and_written_nowhere()
    {
        var device = "forged-" + Guid.NewGuid().ToString("N");
        var good = fixture.Token(device, TimeSpan.FromMinutes(5)).Split('.');
        var none = Base64Url.EncodeToString("""{"alg":"none"}"""u8) + "." + good[1] + ".";
        var hmac = Base64Url.EncodeToString("""{"alg":"HS256"}"""u8) + "." + good[1];
        hmac += "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(fixture.Key.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(hmac)));
        foreach (var forged in new[] { none, hmac, fixture.Token(device, TimeSpan.FromMinutes(-5)) })
        {
            var target = fixture.Target("tls", null) with { User = device, Password = forged };
            using var refused = Peer.Start(Peer.Mosquitto, target, "5", 0, $"cmd/{device}/#");
            Assert.NotEqual(0, await refused.WaitForEndAsync());
        }

        await fixture.WaitForAuditAsync(l => l.Contains("login-refused", StringComparison.Ordinal) && l.Contains(device, StringComparison.Ordinal) && l.Contains("token", StringComparison.Ordinal));
        var everything = string.Join('\n', _silo.Child.Output.Concat(_silo.Child.Errors)) + await File.ReadAllTextAsync(Path.Combine(_silo.DataFolder, "audit.log"));
        Assert.DoesNotContain(good[1], everything, StringComparison.Ordinal);
    }

    private async Task<double> CounterAsync(string reason)
    {
        var text = await _silo.Http.GetStringAsync("/metrics");
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith("smartcity_tls_certificates_refused", StringComparison.Ordinal) && l.Contains($"\"{reason}\"", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A host that takes certificates of one authority and tokens of one issuer.</summary>
    public sealed class Fixture : AccessTests.Fixture
    {
        private readonly TestAuthority _servers = new("Server authority");
        private readonly string _keyFile = Path.GetTempFileName();

        public TestAuthority Devices { get; } = new("Device authority");

        public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        private int TlsPort { get; } = Ports.Next();

        private int SecureWebSocketPort { get; } = Ports.Next();

        protected override string[] Arguments
        {
            get
            {
                var p = Key.ExportParameters(includePrivateParameters: false);
                File.WriteAllText(_keyFile, JsonSerializer.Serialize(new { keys = new[] { new { kty = "EC", use = "sig", crv = "P-256", kid = "k", x = Base64Url.EncodeToString(p.Q.X), y = Base64Url.EncodeToString(p.Q.Y) } } }));
                var (certificate, key) = _servers.MakeServer();
                return
                [
                    .. base.Arguments, $"--Mqtt:Tls:Port={TlsPort}", $"--Mqtt:Tls:WebSocketPort={SecureWebSocketPort}", $"--Mqtt:Tls:Certificate={certificate}", $"--Mqtt:Tls:Key={key}",
                    "--Mqtt:Tls:ClientCertificates=Optional", $"--Mqtt:Tls:TrustedCa={Devices.CaFile}",
                    $"--Access:Jwt:Keys={_keyFile}", "--Access:Jwt:Issuer=test-issuer", "--Access:Jwt:Audience=test-city", "--Access:Jwt:SkewSeconds=0",
                ];
            }
        }

        public PeerTarget Target(string transport, (string Certificate, string Key)? pair) =>
            new("127.0.0.1", transport == "tls" ? TlsPort : SecureWebSocketPort, transport, _servers.CaFile, pair?.Certificate, pair?.Key);

        public string Token(string device, TimeSpan life)
        {
            var expires = (TimeProvider.System.GetUtcNow() + life).ToUnixTimeSeconds();
            var content = Base64Url.EncodeToString("""{"alg":"ES256","kid":"k"}"""u8) + "."
                + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { sub = device, iss = "test-issuer", aud = "test-city", exp = expires }));
            return content + "." + Base64Url.EncodeToString(Key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256));
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _servers.Dispose();
            Devices.Dispose();
            Key.Dispose();
            File.Delete(_keyFile);
        }
    }
}
