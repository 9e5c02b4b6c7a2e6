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
              record --url mqtts://me:secret@broker --ca-file ca.pem --topic 'sensors/#' --messages 100000 sensors.rec
            """);
        var file = new Argument<string>("file") { Description = "The recording" };
        var url = MqttEndpoint.Url();
        var endpoint = new MqttEndpoint();
        var topic = new Option<string>("--topic", "-t") { Description = "Topic filter", DefaultValueFactory = _ => "city/#" };
        var qos = CommonOptions.QoS(1);
        var duration = new Option<double?>("--duration") { Description = "Seconds; without it until Ctrl+C" };
        var messages = new Option<long>("--messages", "-n") { Description = "Ends after so many; 0: never" };
        command.Arguments.Add(file);
        Option[] all = [url, .. endpoint.All, topic, qos, duration, messages];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => MqttEndpoint.GuardAsync(async () =>
        {
            var seconds = parsed.GetValue(duration);
            if (seconds is <= 0) throw new ArgumentException("--duration must be positive; leave it out to record until Ctrl+C.");
            if (parsed.GetValue(messages) < 0) throw new ArgumentException("--messages must not be negative.");
            var filter = parsed.GetRequiredValue(topic);
            if (MqttTopic.CheckFilter(System.Text.Encoding.UTF8.GetBytes(filter)) is { } violation) throw new ArgumentException($"--topic {filter}: {violation.Message}");
            using var end = seconds is { } s ? new CancellationTokenSource(TimeSpan.FromSeconds(s)) : new();
            using var both = CancellationTokenSource.CreateLinkedTokenSource(end.Token, stop);
            using var writer = new RecordingWriter(parsed.GetRequiredValue(file));
            if (writer.Existing > 0 || writer.CutOff > 0) await Console.Error.WriteLineAsync($"Going on behind {writer.Existing:N0} messages{(writer.CutOff > 0 ? $"; {writer.CutOff:N0} bytes of a frame that was never wholly written are cut off" : "")}.").ConfigureAwait(false);
            var client = endpoint.Read(parsed, parsed.GetRequiredValue(url));
            var recorder = new Recorder(client, filter, (MqttQoS)parsed.GetValue(qos), writer);
            await RunAsync(recorder, writer, parsed.GetValue(messages), seconds, both.Token).ConfigureAwait(false);
            Console.WriteLine($"{writer.Messages:N0} messages recorded ({writer.RawBytes:N0} bytes), the file has {writer.FileBytes:N0} bytes; {recorder.LeftOut:N0} too large, connection lost {recorder.Reconnects:N0} times.");
            if (writer.Messages == 0) Console.WriteLine($"Nothing came on {filter}; does somebody publish, and may this user read it?");
            return recorder.LeftOut == 0 ? 0 : 2;
        }));
        return command;
    }

    private static async Task RunAsync(Recorder recorder, RecordingWriter writer, long messages, double? seconds, CancellationToken stop)
    {
        var started = TimeProvider.System.GetTimestamp();
        long before = 0;
        await ProgressLine.ShowAsync(AsTrue(recorder.RunAsync(messages, stop)), Describe, TimeProvider.System).ConfigureAwait(false);

        string Describe(TimeSpan since)
        {
            var now = writer.Messages;
            var rate = (now - before) / since.TotalSeconds;
            before = now;
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            var part = Math.Max(messages > 0 ? (double)now / messages : 0, seconds is { } s ? elapsed.TotalSeconds / s : 0);
            return $"{rate:N0} msg/s, {now:N0} recorded, file {writer.FileBytes:N0} bytes, {recorder.LeftOut:N0} too large, connection lost {recorder.Reconnects:N0} times{ProgressLine.Eta(elapsed, part)}";
        }
    }

    private static async Task<bool> AsTrue(Task task)
    {
        await task.ConfigureAwait(false);
        return true;
    }
}
