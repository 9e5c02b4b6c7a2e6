using System.CommandLine;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>The <c>record</c> command: real traffic into a file.</summary>
internal static class RecordCommand
{
    public static Command Create()
    {
        var command = new Command("record", """
            Writes what a broker delivers into a file. A file that is there is gone on with.

            Examples:
              record traffic.rec                                   everything of the city until Ctrl+C
              record --topic 'city/nam/+/mdt/#' --duration 600 drives.rec
              record --url mqtts://broker --user me --ca-file ca.pem --topic 'sensors/#' --messages 100000 sensors.rec
                                                                   with the password in SMARTCITY_MQTT_PASSWORD
            """);
        var file = new Argument<string>("file") { Description = "The recording" };
        var endpoint = new MqttEndpoint();
        var topic = new Option<string>("--topic", "-t") { Description = "Topic filter", DefaultValueFactory = _ => "city/#" };
        var qos = CommonOptions.QoS(1);
        var duration = new Option<double?>("--duration") { Description = "Seconds; without it until Ctrl+C" };
        var messages = new Option<long>("--messages", "-n") { Description = "Ends after so many; 0: never" };
        command.Arguments.Add(file);
        var json = CommonOptions.Json();
        Option[] all = [.. endpoint.All, topic, qos, duration, messages, json];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var seconds = parsed.GetValue(duration);
            if (seconds is <= 0) throw new ArgumentException("--duration must be positive; leave it out to record until Ctrl+C.");
            if (parsed.GetValue(messages) < 0) throw new ArgumentException("--messages must not be negative.");
            TimeSpan? length = seconds is { } s ? CommonOptions.Seconds("--duration", s, CommonOptions.Longest) : null;
            var filter = parsed.GetRequiredValue(topic);
            if (MqttTopic.CheckFilter(System.Text.Encoding.UTF8.GetBytes(filter)) is { } violation) throw new ArgumentException($"--topic {filter}: {violation.Message}");
            var path = parsed.GetRequiredValue(file);
            using var writer = new RecordingWriter(path);
            if (writer.Existing > 0 || writer.CutOff > 0) await Console.Error.WriteLineAsync($"Going on behind {writer.Existing:N0} messages{(writer.CutOff > 0 ? $"; {writer.CutOff:N0} bytes of a frame that was never wholly written will be overwritten" : "")}.").ConfigureAwait(false);
            var recorder = new Recorder(endpoint.Read(parsed), filter, (MqttQoS)parsed.GetValue(qos), writer) { Length = length };
            var started = TimeProvider.System.GetTimestamp();
            await ProgressLine.OfConsole.ShowAsync(recorder.RunAsync(parsed.GetValue(messages), stop), Progress(recorder, writer, parsed.GetValue(messages), seconds)).ConfigureAwait(false);
            var summary = new RecordSummary(path, writer.Messages, writer.RawBytes, writer.FileBytes, recorder.LeftOut, recorder.Reconnects, TimeProvider.System.GetElapsedTime(started).TotalSeconds, stop.IsCancellationRequested);
            if (parsed.GetValue(json)) CommonOptions.PrintJson(summary);
            else Print(summary, filter);
            return recorder.LeftOut == 0 ? CommonOptions.Done : CommonOptions.LeftOver;
        }, stop));
        return command;
    }

    private static void Print(RecordSummary summary, string filter)
    {
        Console.WriteLine($"{summary.Messages:N0} messages recorded ({summary.Bytes:N0} bytes), the file has {summary.FileBytes:N0} bytes; {summary.TooLarge:N0} too large, connection lost {summary.ConnectionsLost:N0} times.");
        if (summary.Messages == 0) Console.WriteLine($"Nothing came on {filter}, and {summary.File} is as it was; does somebody publish, and may this user read it?");
    }

    private static Func<TimeSpan, string> Progress(Recorder recorder, RecordingWriter writer, long messages, double? seconds)
    {
        var (meter, started) = (new RateMeter(), TimeProvider.System.GetTimestamp());
        return since =>
        {
            var now = writer.Messages;
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            var part = Math.Max(messages > 0 ? (double)now / messages : 0, seconds is { } s ? elapsed.TotalSeconds / s : 0);
            return $"{ProgressLine.Eta(elapsed, part)}{meter.Next(now, since):N0} msg/s, {now:N0} recorded, file {writer.FileBytes:N0} bytes, {recorder.LeftOut:N0} too large, connection lost {recorder.Reconnects:N0} times";
        };
    }
}
