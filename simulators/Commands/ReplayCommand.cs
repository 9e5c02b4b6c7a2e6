using System.CommandLine;
using System.Globalization;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>The <c>replay</c> command: a recording to a broker, now.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var command = new Command("replay", """
            Plays a recording to a broker. Event times (ts) are moved so that the recording ends when the replay ends; distances between them stay.

            Examples:
              replay traffic.rec                    as fast as it was recorded
              replay traffic.rec --speed 10         ten times as fast
              replay traffic.rec --speed max        as fast as the broker takes it
              replay traffic.rec --keep-time --qos 0
            """);
        var file = new Argument<string>("file") { Description = "The recording" };
        var endpoint = new MqttEndpoint();
        var speed = new Option<string>("--speed") { Description = "Times as fast as recorded, or max", DefaultValueFactory = _ => "1" };
        var keep = new Option<bool>("--keep-time") { Description = "Leave ts as it is" };
        var qos = CommonOptions.QoS("Quality of service of all messages; without it as recorded");
        command.Arguments.Add(file);
        var json = CommonOptions.Json();
        Option[] all = [.. endpoint.All, speed, keep, qos, json];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var options = new ReplayOptions
            {
                Client = endpoint.Read(parsed),
                Speed = Speed(parsed.GetRequiredValue(speed)),
                ShiftTime = !parsed.GetValue(keep),
                QoS = (MqttQoS?)parsed.GetValue(qos),
            };
            return await RunAsync(new Replayer(options, parsed.GetRequiredValue(file)), parsed.GetValue(json), stop).ConfigureAwait(false);
        }, stop));
        return command;
    }

    internal static double? Speed(string text) => text == "max" ? null
        : double.TryParse(text.TrimEnd('x'), NumberStyles.Float, CultureInfo.InvariantCulture, out var speed) ? speed
        : throw new ArgumentException($"--speed '{text}' is no number; write 10 for ten times as fast, or max.");

    private static async Task<int> RunAsync(Replayer replayer, bool json, CancellationToken stop)
    {
        var (meter, started, connected) = (new RateMeter(), TimeProvider.System.GetTimestamp(), true);
        try
        {
            await ProgressLine.OfConsole.ShowAsync(replayer.RunAsync(stop), Describe).ConfigureAwait(false);
        }
        catch (MqttConnectException)
        {
            connected = false;
            throw;
        }
        finally
        {
            // A connection that was lost meanwhile has a summary too.
            if (connected && replayer.Total > 0) Print(replayer, json, TimeProvider.System.GetElapsedTime(started), stop.IsCancellationRequested);
        }

        return replayer.Refused == 0 && replayer.Unanswered == 0 && replayer.Sent == replayer.Total ? CommonOptions.Done : CommonOptions.LeftOver;

        string Describe(TimeSpan since)
        {
            var now = replayer.Sent;
            var part = replayer.Total == 0 ? 0 : (double)now / replayer.Total;
            return $"{ProgressLine.Eta(TimeProvider.System.GetElapsedTime(started), part)}{meter.Next(now, since):N0} msg/s, {now:N0} of {replayer.Total:N0} sent, {replayer.Acknowledged:N0} acknowledged, {replayer.Refused:N0} refused";
        }
    }

    private static void Print(Replayer replayer, bool json, TimeSpan elapsed, bool stopped)
    {
        if (json)
        {
            CommonOptions.PrintJson(new ReplaySummary(
                replayer.Total, replayer.Sent, replayer.Acknowledged, replayer.Refused, replayer.Unanswered, replayer.Unmoved, replayer.DamagedBytes, replayer.Shift.TotalSeconds, elapsed.TotalSeconds, stopped));
            return;
        }

        Console.WriteLine($"{replayer.Sent:N0} of {replayer.Total:N0} messages sent, {replayer.Acknowledged:N0} acknowledged, {replayer.Refused:N0} refused in {elapsed.TotalSeconds:0.0} s; event times moved by {replayer.Shift}.");
        if (replayer.Unanswered > 0) Console.WriteLine($"{replayer.Unanswered:N0} messages were sent and had no answer; the broker may have them or not.");
        if (replayer.Unmoved > 0) Console.WriteLine($"{replayer.Unmoved:N0} messages had no ts that could be moved.");
        if (replayer.DamagedBytes > 0) Console.WriteLine($"{replayer.DamagedBytes:N0} bytes of the file are damaged or cut off, and were left out.");
    }
}
