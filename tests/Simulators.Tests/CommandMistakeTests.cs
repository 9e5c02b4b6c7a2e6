using System.Net;
using System.Net.Sockets;

namespace SmartCity.Simulators.Tests;

/// <summary>What the program says to who has made a mistake: exactly what to change, in a line, with exit code 1, on the error stream, without a stack trace.</summary>
public sealed class CommandMistakeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("There is no option '--urll'; did you mean '--url'?", "city", "--urll", "localhost")]
    [InlineData("There is no option '--rat'; did you mean '--rate'?", "load", "--rat=5")]
    [InlineData("There is no command 'rekord'; did you mean 'record'?", "rekord", "x.rec")]
    [InlineData("Write a command: city, ")]
    [InlineData("--devices 'many' is no whole number; write for example --devices 100.", "city", "--devices", "many")]
    [InlineData("--start 'yesterday' is no time; write for example --start 2026-", "city", "--start", "yesterday")]
    [InlineData("There is no place for 'typhoon'; put what has spaces into quotes.", "city", "typhoon")]
    [InlineData("--qos must be 0, 1 or 2.", "record", "x.rec", "--qos", "3")]
    [InlineData("'ftp://broker/' is not an MQTT address; write mqtt://host:port", "load", "--url", "ftp://broker")]
    [InlineData("--url is not an MQTT address; write mqtt://host:port", "load", "--url", "mqtt://me:secret@:99999")]
    [InlineData("did you mean 'typhoon'?", "city", "--scenario", "tyfoon")]
    [InlineData("There is no fault 'duplicat'; did you mean 'duplicate'?", "city", "--fault", "duplicat")]
    [InlineData("--ca-file needs TLS; write --url mqtts://localhost:8883", "city", "--ca-file", "ca.pem")]
    [InlineData("--payload-bytes: '60..90' is no size; write 60, a range 60-2000", "load", "--payload-bytes", "60..90")]
    [InlineData("--subscribers must be 0 to ", "load", "--subscribers", "5000")]
    [InlineData("--source: '127.1' is not an address; write 127.0.0.2-127.0.0.9", "load", "--source", "127.1")]
    [InlineData("--address '0.0.0.0' is no address of loopback; write 127.0.0.1", "sink", "--address", "0.0.0.0")]
    [InlineData("There is no file nowhere.csv.", "import", "nowhere.csv", "x.rec")]
    [InlineData("--mapping: there is no file nowhere.yaml.", "import", "nowhere.csv", "x.rec", "--mapping", "nowhere.yaml")]
    [InlineData("--zone: 'Hanoi' is no zone; write +07:00.", "import", "nowhere.csv", "x.rec", "--zone", "Hanoi")]
    [InlineData("--map: there is no field 'rsrpp'; did you mean 'rsrp'?", "import", "nowhere.csv", "x.rec", "--map", "rsrpp=Level")]
    [InlineData("--scale: 'pci' has no factor", "import", "nowhere.csv", "x.rec", "--scale", "pci=10")]
    [InlineData("Cannot read the recording nowhere.rec", "replay", "nowhere.rec")]
    [InlineData("--speed 'fast' is no number; write 10 for ten times as fast, or max.", "replay", "nowhere.rec", "--speed", "fast")]
    [InlineData("There is no run.json in 'nowhere'; write a truth first: city --truth nowhere", "audit", "--truth", "nowhere")]
    [InlineData("--url is 'http://'; write http://host:port", "audit", "--truth", "nowhere", "--url", "http://")]
    [InlineData("--duration must be at most 25920000 seconds (300 days).", "city", "--duration", "1e300")]
    [InlineData("--duration takes 57.9 days of the clock; 40 are the most: write a shorter one", "city", "--duration", "5000000")]
    [InlineData("--duration must be at most 3456000 seconds (40 days).", "load", "--duration", "1e300")]
    [InlineData("--duration must be at most 3456000 seconds (40 days).", "record", "x.rec", "--duration", "5000000")]
    [InlineData("--duration must be at most 3456000 seconds (40 days).", "record", "x.rec", "--duration", "NaN")]
    [InlineData("--wait must be at most 3456000 seconds (40 days).", "audit", "--truth", "nowhere", "--wait", "1e300")]
    [InlineData("--qos must be 0, 1 or 2.", "replay", "nowhere.rec", "--qos", "3")]
    public async Task A_mistake_on_the_command_line_is_told_with_what_is_right(string expected, params string[] arguments) => await FailsAsync(expected, null, arguments);

    [Theory]
    [InlineData("city")]
    [InlineData("load")]
    [InlineData("record")]
    [InlineData("replay")]
    public async Task A_broker_that_is_not_there_is_named_and_no_file_is_made(string command)
    {
        var port = Ports.Next();
        var file = Path.Combine(_folder.Path, "new.rec");
        string[] files = command switch { "record" => [file], "replay" => [Recording("played.rec")], _ => [] };
        await FailsAsync($"Nothing listens at 127.0.0.1:{port}: connection refused. Start the MQTT broker, or correct the address.", null, [command, .. files, "--url", $"mqtt://127.0.0.1:{port}"]);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Wrong_credentials_are_said_with_the_options_and_never_printed_and_a_recording_stays_as_it_was()
    {
        var passwords = Path.Combine(_folder.Path, "passwords");
        await ChildProcess.RunAsync("mosquitto_passwd", "-b", "-c", passwords, "me", "right");
        await using var mosquitto = await MosquittoProcess.StartAsync("allow_anonymous false", $"password_file {passwords}");
        var recording = Recording("kept.rec");

        // A frame that was never wholly written is at its end.
        await File.AppendAllTextAsync(recording, "SMFR cut off");
        var before = await File.ReadAllBytesAsync(recording);
        foreach (var (command, files) in new (string, string[])[] { ("city", []), ("city", ["--truth", Path.Combine(_folder.Path, "truth")]), ("load", []), ("record", [recording]), ("record", [recording + "2"]), ("replay", [recording]) })
        {
            var output = await FailsAsync("Check --user and --password (or SMARTCITY_MQTT_USER and SMARTCITY_MQTT_PASSWORD)", null, [command, .. files, "--url", mosquitto.Url, "--user", "me", "--password", "wrong-secret"]);
            Assert.DoesNotContain("wrong-secret", output, StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(recording));
        Assert.False(File.Exists(recording + "2"));
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "truth")));

        var environment = new Dictionary<string, string> { ["SMARTCITY_MQTT_USER"] = "me", ["SMARTCITY_MQTT_PASSWORD"] = "right" };
        foreach (var arguments in new string[][] { ["city", "--duration", "0.5"], ["city", "--duration", "60", "--speed", "100", "--fault", "duplicate"], ["load", "--messages", "100"], ["replay", recording, "--speed", "max"] })
        {
            var (code, output, errors) = await Program.RunAsync(environment, [.. arguments, "--url", mosquitto.Url]);
            Assert.True(code == 0, $"{string.Join(' ', arguments)}: {code} {output} {errors}");
        }

        // What is on the command line goes before the environment.
        environment["SMARTCITY_MQTT_PASSWORD"] = "wrong";
        Assert.Equal(0, (await Program.RunAsync(environment, "load", "--messages", "100", "--url", mosquitto.Url, "--password", "right")).Code);
        await FailsAsync("NotAuthorized", environment, "load", "--messages", "100", "--url", mosquitto.Url);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_and_the_CA_file_named()
    {
        using var right = new TestAuthority("right");
        using var wrong = new TestAuthority("wrong");
        var (certificate, key) = right.MakeServer();
        await using var mosquitto = await MosquittoProcess.StartAsync("allow_anonymous true", $"certfile {certificate}", $"keyfile {key}");
        var url = $"mqtts://localhost:{mosquitto.Port}";
        await FailsAsync($"is not trusted", null, "city", "--url", url, "--ca-file", wrong.CaFile);
        await FailsAsync($"the CA file is '{wrong.CaFile}'", null, "load", "--url", url, "--ca-file", wrong.CaFile);
        await FailsAsync("give the CA file of its authority", null, "record", Path.Combine(_folder.Path, "x.rec"), "--url", url);
        await FailsAsync("'nowhere.pem' cannot be read", null, "city", "--url", url, "--ca-file", "nowhere.pem");
        await FailsAsync("Does that port speak what --url says", null, "load", "--url", $"mqtt://localhost:{mosquitto.Port}");
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Equal(0, (await Program.RunAsync("city", "--url", url, "--ca-file", right.CaFile, "--duration", "0.5")).Code);
    }

    [Fact]
    public async Task A_wrong_speed_is_told_before_a_broker_is_asked_and_no_folder_is_made()
    {
        var folder = Path.Combine(_folder.Path, "truth");
        await FailsAsync("--speed must be 1 to 10000", null, "city", "--speed", "0", "--truth", folder, "--url", $"mqtt://127.0.0.1:{Ports.Next()}");
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_replay_that_would_take_years_is_told_the_slowest_speed()
    {
        var recording = Recording("slow.rec");
        await FailsAsync("--speed 1E-12 would take", null, "replay", recording, "--speed", "1e-12", "--url", $"mqtt://127.0.0.1:{Ports.Next()}");
    }

    [Theory]
    [InlineData("abc\ndef")]
    [InlineData("abc def")]
    [InlineData("mật-khẩu")]
    public void A_token_that_no_header_can_carry_is_told_and_not_printed(string token)
    {
        var message = Assert.Throws<ArgumentException>(() => new PlatformApi(new("http://127.0.0.1"), token, TimeSpan.Zero, TimeProvider.System)).Message;
        Assert.Contains("The token has a", message, StringComparison.Ordinal);
        Assert.Contains("--token", message, StringComparison.Ordinal);
        Assert.DoesNotContain(token, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_out_of_a_file_with_line_ends_is_taken_without_them() =>
        new PlatformApi(new("http://127.0.0.1"), " abc\r\n", TimeSpan.Zero, TimeProvider.System).Dispose();

    [Fact]
    public async Task A_port_that_is_taken_is_said_with_what_to_do()
    {
        using var taken = new TcpListener(IPAddress.Loopback, Ports.Next());
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await FailsAsync($"Cannot listen on 127.0.0.1:{port}: Address already in use. Choose another --port", null, "sink", "--port", $"{port}");
    }

    [Fact]
    public async Task Files_that_are_something_else_are_said_to_be_so()
    {
        var text = Path.Combine(_folder.Path, "text.rec");
        await File.WriteAllTextAsync(text, "this is a letter");
        var empty = Path.Combine(_folder.Path, "empty.rec");
        await File.WriteAllTextAsync(empty, "");
        var yaml = Path.Combine(_folder.Path, "storm.yaml");
        await File.WriteAllTextAsync(yaml, "events:\n  - kind: typhoon\n    form: 06:00");
        await FailsAsync("is not a recording", null, "replay", text);
        await FailsAsync("is not a recording", null, "record", text);
        await FailsAsync("is empty: nothing has been recorded yet", null, "replay", empty);
        await FailsAsync($"{yaml}, line 3: there is no 'form' here; did you mean 'from'?", null, "city", "--scenario", yaml);
        await FailsAsync($"--truth {text} is a file; name a folder.", null, "city", "--truth", text);
        await FailsAsync($"{_folder.Path} is a folder; name a file", null, "record", _folder.Path);
        await FailsAsync("Cannot write the recording", null, "record", Path.Combine(_folder.Path, "no", "such", "folder.rec"));
        await FailsAsync("is the log; write another name for the recording", null, "import", text, text);
        var csv = Path.Combine(_folder.Path, "drive.csv");
        await File.WriteAllTextAsync(csv, "ts,lat,lon,ncgi,rsrp\n1764000000000,21,105,452-04-0A1B2C3D4,-80\n");
        await FailsAsync($"{text} is there already; write another name for the recording, or delete it first.", null, "import", csv, text);
        await FailsAsync($"{_folder.Path} is a folder; name a file", null, "import", csv, _folder.Path);
        Assert.Equal("this is a letter", await File.ReadAllTextAsync(text));
    }

    private static async Task<string> FailsAsync(string expected, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var (code, output, errors) = await Program.RunAsync(environment, arguments);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
        return errors;
    }

    private string Recording(string name)
    {
        var path = Path.Combine(_folder.Path, name);
        using var writer = new RecordingWriter(path);
        foreach (var message in RecordingTests.Messages(10)) writer.Add(message);
        return path;
    }
}
