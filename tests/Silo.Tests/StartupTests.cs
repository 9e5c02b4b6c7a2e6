using System.Net;
using System.Net.Sockets;

namespace SmartCity.Silo.Tests;

/// <summary>A host that cannot start says why, and what to do, in one line; and ends with code 1.</summary>
public sealed class StartupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-start-").FullName;

    [Theory]
    [InlineData("--Mqtt:Port=70000", "Mqtt:Port", "from 1 to 65535")]
    [InlineData("--Http:Port=http", "Http:Port", "from 1 to 65535")]
    [InlineData("--Window:Seconds=7", "Window:Seconds", "must divide a day")]
    [InlineData("--Window:Seconds=soon", "Window:Seconds", "number")]
    [InlineData("--Window:LatenessSeconds=-1", "Window:LatenessSeconds", "0 or more")]
    [InlineData("--Influx:Url=elsewhere", "Influx:Url", "http")]
    [InlineData("--Demo=maybe", "Demo", "--Demo")]
    [InlineData("--Mqtt:Address=0.0.0.0", "Mqtt:Address", "needs authentication")]
    [InlineData("--Http:Address=192.0.2.7", "Http:Address", "needs authentication")]
    [InlineData("--Http:Address=everywhere", "Http:Address", "127.0.0.1 or ::1")]
    [InlineData("--Mqtt:Limits:MaxPacketSize=large", "Mqtt:Limits:MaxPacketSize", "whole number")]
    [InlineData("--Mqtt:Limits:MaxPacketSize=5", "Mqtt:Limits:MaxPacketSize", "at least 128 bytes")]
    [InlineData("--Mqtt:Limits:ReceiveMaximum=100000", "Mqtt:Limits:ReceiveMaximum", "from 0 to 65535")]
    [InlineData("--Mqtt:Limits:ConnectTimeout=soon", "Mqtt:Limits:ConnectTimeout", "00:00:30")]
    [InlineData("--Mqtt:Limits:ConnectTimeout=10", "Mqtt:Limits:ConnectTimeout", "00:00:30")]
    [InlineData("--Mqtt:Limits:SlowSubscriberWait=60.00:00:00", "Mqtt:Limits:SlowSubscriberWait", "one day")]
    [InlineData("--Mqtt:Limits:MaxRetainedBytes=-1", "Mqtt:Limits:MaxRetainedBytes", "zero or more")]
    [InlineData("--Mqtt:Tls:Certificate=/nowhere.pem", "/nowhere.pem", "Mqtt:Tls:Key")]
    [InlineData("--Mqtt:Tls:Password=secret", "Mqtt:Tls:Password", "Mqtt__Tls__Password")]
    [InlineData("--Access:Jwt:Keys=/nowhere.json", "Access:Jwt:Issuer", "'iss'")]
    [InlineData("--Mqtt:Tls:ClientCertificates=Required", "Mqtt:Tls:ClientCertificates", "Mqtt:Tls:Certificate")]
    [InlineData("--Mqtt:AllowedOrigins=map.example.org", "Mqtt:AllowedOrigins", "https://")]
    [InlineData("--Mqtt:Port=0", "Mqtt:Port", "Mqtt:Tls:Certificate")]
    [InlineData("--Access:Mode=Never", "Access:Mode", "Anonymous, Required")]
    [InlineData("demo", "'demo'", "--help")]
    public async Task An_option_that_cannot_be_used_is_named_with_what_to_write(string argument, string named, string advice) =>
        await AssertRefusedAsync([$"--Mqtt:Port={Ports.Next()}", $"--Http:Port={Ports.Next()}", $"--Data={_folder}", argument], named, advice);

    [Fact]
    public async Task An_unknown_option_is_refused_instead_of_ignored() =>
        await AssertRefusedAsync([$"--Mqtt:Prot={Ports.Next()}", $"--Http:Port={Ports.Next()}", $"--Data={_folder}"], "Mqtt:Prot", "--help");

    [Theory]
    [InlineData("--Access:Mode=Anonymous", "needs authentication", "Access:Mode=Required")]
    [InlineData("--Access:Mode=Required", "need TLS", "Access:AllowPlainText=true")]
    public async Task Listening_beyond_this_machine_needs_access_control_and_TLS(string mode, string named, string advice) =>
        await AssertRefusedAsync([$"--Mqtt:Port={Ports.Next()}", $"--Http:Port={Ports.Next()}", $"--Data={_folder}", "--Mqtt:Address=::", mode], named, advice);

    [Theory]
    [InlineData("Mqtt__Limits__MaxPacketsize2", "MaxPacketSize")]
    [InlineData("Access__Moed", "Mode")]
    public async Task An_unknown_key_of_the_environment_is_refused_where_it_could_leave_the_door_open(string variable, string known)
    {
        using var child = ChildProcess.Start(
            "dotnet", [.. SiloProcess.Command, $"--Mqtt:Port={Ports.Next()}", $"--Http:Port={Ports.Next()}", $"--Data={_folder}"], new Dictionary<string, string> { [variable] = "1" });
        Assert.Equal(1, await child.WaitForEndAsync());
        Assert.Contains(known, Assert.Single(child.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fewer_open_files_than_the_limits_need_lower_the_limits_with_a_line()
    {
        using var child = ChildProcess.Start(
            "bash", ["-c", $"ulimit -n 2000; exec dotnet {SiloProcess.Command[0]} --Mqtt:Port={Ports.Next()} --Http:Port={Ports.Next()} --Data={_folder}"]);
        var line = await child.WaitForLineAsync(l => l.Contains("Mqtt:Limits:MaxConnections", StringComparison.Ordinal), "the line about open files");
        Assert.Contains("is 1302 instead of 100000", line, StringComparison.Ordinal);
        Assert.Contains("ulimit -n", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mqtt:Port", "127.0.0.1")]
    [InlineData("Http:Port", "127.0.0.1")]
    [InlineData("Mqtt:Port", "::1")]
    public async Task An_occupied_port_is_named_with_the_option_that_changes_it(string key, string address)
    {
        using var other = new TcpListener(IPAddress.Parse(address), Ports.Next());
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var free = key == "Mqtt:Port" ? "Http:Port" : "Mqtt:Port";
        await AssertRefusedAsync([$"--{key}={port}", $"--{free}={Ports.Next()}", $"--Data={_folder}"], $"port {port}", $"--{key}");
    }

    [Fact]
    public async Task One_port_for_both_listeners_is_refused()
    {
        var port = Ports.Next();
        await AssertRefusedAsync([$"--Mqtt:Port={port}", $"--Http:Port={port}", $"--Data={_folder}"], $"{port}", ":Port");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_named()
    {
        // Below a regular file nobody can make a folder, root neither.
        var file = Path.Combine(_folder, "a-file");
        await File.WriteAllTextAsync(file, "");
        var data = Path.Combine(file, "data");
        await AssertRefusedAsync([$"--Mqtt:Port={Ports.Next()}", $"--Http:Port={Ports.Next()}", $"--Data={data}"], data, "set Data to");
    }

    [Fact]
    public async Task A_second_host_on_one_data_folder_is_refused_and_the_first_goes_on()
    {
        await using var first = await SiloProcess.StartAsync();
        await AssertRefusedAsync([$"--Mqtt:Port={Ports.Next()}", $"--Http:Port={Ports.Next()}", $"--Data={first.DataFolder}"], first.DataFolder, "set Data to");
        using var mqtt = await RawMqtt.ConnectAsync(first.MqttPort, "goes-on");
        await mqtt.PublishAsync("city/nam/sg/air/goes-on", """{"pm25":1}""");
        await first.WaitForValueAsync("goes-on", "pm25", 1);
    }

    [Fact]
    public async Task Help_is_an_answer_and_no_error()
    {
        var (code, output, errors) = await SiloProcess.RunToEndAsync("--help");
        Assert.Equal(0, code);
        Assert.Empty(errors);
        Assert.Contains(output, line => line.Contains("--Demo", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task AssertRefusedAsync(string[] arguments, string named, string advice)
    {
        var (code, output, errors) = await SiloProcess.RunToEndAsync(arguments);
        Assert.Equal(1, code);
        var line = Assert.Single(errors);
        Assert.StartsWith("SmartCity cannot start: ", line, StringComparison.Ordinal);
        Assert.Contains(named, line, StringComparison.Ordinal);
        Assert.Contains(advice, line, StringComparison.Ordinal);
        Assert.DoesNotContain(output, l => l.TrimStart().StartsWith("at ", StringComparison.Ordinal) || l.Contains("Exception", StringComparison.Ordinal));
    }
}
