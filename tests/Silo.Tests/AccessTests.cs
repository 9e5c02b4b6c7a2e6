using System.Net;

namespace SmartCity.Silo.Tests;

/// <summary>The host with Access:Mode=Required: users are added, rotated and revoked with the command line while it runs.</summary>
public sealed class AccessTests(AccessTests.Fixture fixture) : IClassFixture<AccessTests.Fixture>
{
    private readonly SiloProcess _silo = fixture.Silo;

    public static TheoryData<string, string> EveryPeer => new(Peer.All.SelectMany(p => new[] { (p, "3.1.1"), (p, "5") }));

    [Theory]
    [MemberData(nameof(EveryPeer))]
    public async Task A_device_with_its_password_publishes_its_own_topic_and_reads_its_own_commands(string peer, string version)
    {
        var device = "dev-" + Guid.NewGuid().ToString("N");
        var password = await fixture.AddAsync(device);
        var target = new PeerTarget("127.0.0.1", _silo.MqttPort, User: device, Password: password);
        var service = fixture.Service;
        using var subscriber = await Peer.SubscribeAsync(peer, target, version, 1, $"cmd/{device}/#");
        await Peer.PublishAsync(Peer.Mosquitto, service, "5", $"cmd/{device}/reboot", (1, "now"));
        Assert.Equal($"cmd/{device}/reboot 1 now", await subscriber.WaitForLineAsync(l => l.StartsWith("cmd/", StringComparison.Ordinal), "the command"));

        await Peer.PublishAsync(peer, target, version, "city/nam/sg/noise/" + device, (0, """{"laeq":60}"""), (1, """{"laeq":61}"""), (2, """{"laeq":62}"""));
        await _silo.WaitForValueAsync(device, "laeq", 62);
    }

    [Theory]
    [MemberData(nameof(EveryPeer))]
    public async Task A_wrong_password_and_none_are_refused(string peer, string version)
    {
        foreach (var target in new[] { new PeerTarget("127.0.0.1", _silo.MqttPort), new PeerTarget("127.0.0.1", _silo.MqttPort, User: "nobody-" + peer, Password: "guess-" + version) })
        {
            using var refused = Peer.Start(peer, target, version, 0, "cmd/x/#");
            Assert.NotEqual(0, await refused.WaitForEndAsync());
        }
    }

    [Fact]
    public async Task A_topic_outside_the_devices_own_is_refused_dropped_and_audited()
    {
        var device = "own-" + Guid.NewGuid().ToString("N");
        var password = await fixture.AddAsync(device);
        var target = new PeerTarget("127.0.0.1", _silo.MqttPort, User: device, Password: password);
        var victim = "victim-" + Guid.NewGuid().ToString("N");

        // 3.1.1 cannot be told: acknowledged and dropped. v5 gets 0x87.
        await Peer.PublishAsync(Peer.Mosquitto, target, "3.1.1", "city/nam/sg/air/" + victim, (1, """{"pm25":999}"""));
        using var v5 = ChildProcess.Start("mosquitto_pub", [.. target.MosquittoArguments, "-V", "mqttv5", "-q", "1", "-t", "city/nam/sg/air/" + victim, "-m", """{"pm25":999}""", "-d"]);
        await v5.WaitForLineAsync(l => l.Contains("RC:135", StringComparison.Ordinal), "the PUBACK with 0x87");

        // Filters that reach further than its own commands.
        foreach (var filter in new[] { "#", "cmd/#", "city/#", $"$share/g/cmd/#" })
        {
            using var spy = Peer.Start(Peer.Paho, target, "5", 0, filter);
            await spy.WaitForLineAsync(l => l == "refused 135", "the SUBACK with 0x87");
        }

        await _silo.ProblemAsync("/api/v1/devices/" + victim, HttpStatusCode.NotFound);
        await fixture.WaitForAuditAsync(l => l.Contains("publish-denied", StringComparison.Ordinal) && l.Contains(victim, StringComparison.Ordinal));
        await fixture.WaitForAuditAsync(l => l.Contains("subscribe-denied", StringComparison.Ordinal) && l.Contains(device, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("revoke")]
    [InlineData("rotate")]
    public async Task A_revoked_or_rotated_user_is_out_within_a_moment_and_its_connection_closed(string what)
    {
        var device = what + "-" + Guid.NewGuid().ToString("N");
        var password = await fixture.AddAsync(device);
        var target = new PeerTarget("127.0.0.1", _silo.MqttPort, User: device, Password: password);
        using var subscriber = await Peer.SubscribeAsync(Peer.Mosquitto, target, "5", 1, $"cmd/{device}/#");
        var answer = await fixture.RunAsync(what, device);
        await subscriber.WaitForLineAsync(l => l.Contains("DISCONNECT", StringComparison.Ordinal) && l.Contains("152", StringComparison.Ordinal), "the DISCONNECT with 0x98");
        using var again = Peer.Start(Peer.Paho, target, "5", 1, $"cmd/{device}/#");
        Assert.NotEqual(0, await again.WaitForEndAsync());
        if (what == "revoke") return;
        using var renewed = await Peer.SubscribeAsync(Peer.Paho, target with { Password = Fixture.PasswordIn(answer) }, "5", 1, $"cmd/{device}/#");
    }

    [Fact]
    public async Task Rules_change_while_it_runs_and_end_what_they_no_longer_allow()
    {
        var device = "rules-" + Guid.NewGuid().ToString("N");
        var password = await fixture.AddAsync(device, "--role", "reader", "--device", device);
        var target = new PeerTarget("127.0.0.1", _silo.MqttPort, User: device, Password: password);
        var added = await fixture.RunAsync("rules", "add", "reader", "allow", "subscribe", "city/+/+/weather/+");
        using var subscriber = await Peer.SubscribeAsync(Peer.Mosquitto, target, "5", 1, "city/nam/+/weather/+");
        await fixture.RunAsync("rules", "remove", added.Split(' ')[1]);
        await subscriber.WaitForLineAsync(l => l.Contains("DISCONNECT", StringComparison.Ordinal) && l.Contains("135", StringComparison.Ordinal), "the DISCONNECT with 0x87");
    }

    [Fact]
    public async Task Nobody_takes_over_the_client_id_of_another_user()
    {
        var (one, two) = ("one-" + Guid.NewGuid().ToString("N"), "two-" + Guid.NewGuid().ToString("N"));
        var target = new PeerTarget("127.0.0.1", _silo.MqttPort, User: one, Password: await fixture.AddAsync(one), ClientId: "shared-" + one);
        using var owner = await Peer.SubscribeAsync(Peer.Mosquitto, target, "5", 1, $"cmd/{one}/#");
        var intruder = target with { User = two, Password = await fixture.AddAsync(two) };
        using var refused = Peer.Start(Peer.Mosquitto, intruder, "5", 1, $"cmd/{two}/#");
        await refused.WaitForLineAsync(l => l.Contains("not valid", StringComparison.OrdinalIgnoreCase) || l.Contains("CONNACK (133)", StringComparison.Ordinal), "the refusal");
        await Peer.PublishAsync(Peer.Mosquitto, fixture.Service, "5", $"cmd/{one}/still", (1, "here"));
        await owner.WaitForLineAsync(l => l == $"cmd/{one}/still 1 here", "the message to the owner");
    }

    [Fact]
    public async Task Secrets_are_in_no_output_log_or_file()
    {
        const string Wrong = "wrong-secret-4711";
        var device = "secret-" + Guid.NewGuid().ToString("N");
        var password = await fixture.AddAsync(device);
        var target = new PeerTarget("127.0.0.1", _silo.MqttPort, User: device, Password: password);
        using (var refused = Peer.Start(Peer.Paho, target with { Password = Wrong }, "5", 0, "cmd/x")) Assert.NotEqual(0, await refused.WaitForEndAsync());
        await fixture.WaitForAuditAsync(l => l.Contains("login-refused", StringComparison.Ordinal) && l.Contains(device, StringComparison.Ordinal));
        var list = await fixture.RunAsync("list");
        Assert.Contains(device, list, StringComparison.Ordinal);
        var everything = string.Join('\n', _silo.Child.Output.Concat(_silo.Child.Errors)) + list;
        foreach (var file in Directory.GetFiles(_silo.DataFolder, "a*")) everything += System.Text.Encoding.Latin1.GetString(await ReadSharedAsync(file));
        Assert.DoesNotContain(password, everything, StringComparison.Ordinal);
        Assert.DoesNotContain(Wrong, everything, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_silo.DataFolder, "access.db")));
    }

    [Theory]
    [InlineData("access rotate", "add", "twice-user")]
    [InlineData("'access list'", "rotate", "no-such-user")]
    [InlineData("A-Z", "add", "bad/name")]
    [InlineData("%d", "rules", "add", "device", "allow", "publish", "x/%x")]
    [InlineData("access rules list", "rules", "remove", "987654")]
    [InlineData("behind the share name", "rules", "add", "device", "deny", "subscribe", "$share/g/city/#")]
    [InlineData("either", "add", "either-user", "--no-password", "--password-stdin")]
    public async Task A_command_that_makes_no_sense_says_what_to_write(string advice, params string[] arguments)
    {
        if (arguments[1] == "twice-user") await fixture.AddAsync("twice-user");
        var (code, _, errors) = await SiloProcess.RunToEndAsync(["access", .. arguments, "--data", _silo.DataFolder]);
        Assert.Equal(1, code);
        Assert.Contains(advice, Assert.Single(errors), StringComparison.Ordinal);
    }

    /// <summary>A broken pipe in a script must not end in a password that was made instead.</summary>
    [Fact]
    public async Task An_empty_standard_input_is_no_password()
    {
        using var child = ChildProcess.Start(
            "/bin/sh", ["-c", "exec \"$@\" < /dev/null", "sh", "dotnet", .. SiloProcess.Command, "access", "add", "stdin-user", "--password-stdin", "--data", _silo.DataFolder]);
        Assert.Equal(1, await child.WaitForEndAsync());
        Assert.Contains("standard input", Assert.Single(child.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_has_examples()
    {
        var (code, output, _) = await SiloProcess.RunToEndAsync("access", "--help");
        Assert.Equal(0, code);
        Assert.Contains(output, l => l.Contains("access revoke station-1", StringComparison.Ordinal));
    }

    private static async Task<byte[]> ReadSharedAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    /// <summary>A host that lets in whom the command line adds.</summary>
    public class Fixture : IAsyncLifetime
    {
        protected virtual string[] Arguments => ["--Access:Mode=Required"];

        public SiloProcess Silo { get; private set; } = null!;

        /// <summary>A user who may publish and read everything of the city.</summary>
        public PeerTarget Service { get; private set; } = null!;

        public static string PasswordIn(string answer) => answer.Split('\n').Single(l => l.StartsWith("password: ", StringComparison.Ordinal))["password: ".Length..];

        /// <summary>Runs a command, and waits until the server has noticed what it changed.</summary>
        public async Task<string> RunAsync(params string[] arguments)
        {
            var answer = await ChildProcess.RunAsync("dotnet", [.. SiloProcess.Command, "access", .. arguments, "--data", Silo.DataFolder]);
            if (!arguments.Contains("list")) await Silo.Child.WaitForLineAsync(l => l.Contains("Users and rules are in force", StringComparison.Ordinal), "the change in the server");
            return answer;
        }

        public async Task<string> AddAsync(string user, params string[] more) => PasswordIn(await RunAsync(["add", user, .. more]));

        public async Task WaitForAuditAsync(Func<string, bool> passes)
        {
            var file = Path.Combine(Silo.DataFolder, "audit.log");
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            for (var attempt = 0; attempt < 500; attempt++, await timer.WaitForNextTickAsync())
            {
                if (System.Text.Encoding.UTF8.GetString(await ReadSharedAsync(file)).Split('\n').Any(passes)) return;
            }

            throw new TimeoutException("The audit log has no such line.");
        }

        public async ValueTask InitializeAsync()
        {
            Silo = await SiloProcess.StartAsync(Arguments);
            Service = new("127.0.0.1", Silo.MqttPort, User: "backend", Password: await AddAsync("backend", "--role", "service"));
        }

        public virtual async ValueTask DisposeAsync()
        {
            if (Silo is not null) await Silo.DisposeAsync();
            GC.SuppressFinalize(this);
        }
    }
}
