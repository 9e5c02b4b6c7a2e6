namespace SmartCity.Silo.Tests;

/// <summary>MQTT sessions and retained messages outlive the host, however it ends; with mosquitto's clients, so that nobody of ours judges it.</summary>
public sealed class SessionRestartTests
{
    [Theory]
    [InlineData("mqttv311", true)]
    [InlineData("mqttv5", true)]
    [InlineData("mqttv5", false)]
    public async Task A_subscriber_that_was_away_gets_everything_that_was_acknowledged_before_the_host_ended(string version, bool kill)
    {
        await using var silo = await SiloProcess.StartAsync();
        string[] keep = ["-h", "127.0.0.1", "-p", $"{silo.MqttPort}", "-V", version, "-c", "-i", "keep", "-q", "2", "-t", "to/keep"];
        await ChildProcess.RunAsync("mosquitto_sub", [.. keep, "-E"]);
        string[] to = ["-h", "127.0.0.1", "-p", $"{silo.MqttPort}", "-V", version];
        for (var i = 0; i < 6; i++) await ChildProcess.RunAsync("mosquitto_pub", [.. to, "-q", $"{1 + (i % 2)}", "-t", "to/keep", "-m", $"m{i}"]);
        await ChildProcess.RunAsync("mosquitto_pub", [.. to, "-q", "1", "-r", "-t", "kept/state", "-m", "on"]);

        if (kill) await silo.KillAsync();
        else await silo.StopAsync();
        await silo.StartAgainAsync();

        var received = await ChildProcess.RunAsync("mosquitto_sub", [.. keep, "-C", "6", "-W", "20", "-F", "%q %p"]);

        // mosquitto_sub prints a QoS 2 message when it is released, so those of QoS 1 overtake it there.
        Assert.Equal(["1 m0", "1 m2", "1 m4", "2 m1", "2 m3", "2 m5"], received.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order());
        Assert.Equal("1 on", (await ChildProcess.RunAsync("mosquitto_sub", [.. to, "-t", "kept/#", "-C", "1", "-W", "20", "-F", "%r %p"])).Trim());
    }
}
