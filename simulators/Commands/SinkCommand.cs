using System.CommandLine;
using System.Net;
using System.Net.Sockets;

namespace SmartCity.Simulators;

/// <summary>The <c>sink</c> command: what to measure <c>load</c> itself against.</summary>
internal static class SinkCommand
{
    public static Command Create()
    {
        var command = new Command("sink", """
            Reads MQTT packets on loopback and throws them away, so that a load run measures the load driver itself.

            Examples:
              sink --port 11884
              load --url mqtt://127.0.0.1:11884 --qos 0 --duration 10
              sink --address 127.0.1.1                       on another address of this machine, for more connections than one process may have
            """);
        var port = new Option<int>("--port", "-p") { Description = "Port to listen on", DefaultValueFactory = _ => 11884 };
        var address = new Option<string>("--address") { Description = "Address to listen on, which must be of loopback (127.0.0.1 to 127.255.255.254, or ::1): it takes everything from everybody", DefaultValueFactory = _ => "127.0.0.1" };
        var json = CommonOptions.Json();
        Option[] all = [port, address, json];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var number = parsed.GetValue(port);
            if (number is < 1 or > 65_535) throw new ArgumentException("--port must be 1 to 65535.");
            if (!IPAddress.TryParse(parsed.GetRequiredValue(address), out var at) || !IPAddress.IsLoopback(at))
                throw new ArgumentException($"--address '{parsed.GetRequiredValue(address)}' is no address of loopback; write 127.0.0.1, or another of 127.0.0.0/8.");
            await using var sink = Listen(new(at, number));
            await Console.Error.WriteLineAsync($"Reading on {sink.EndPoint}. Ctrl+C ends.").ConfigureAwait(false);
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var meter = new RateMeter();
            await using (stop.Register(() => ended.TrySetResult()))
                await ProgressLine.OfConsole.ShowAsync(ended.Task, since => $"{meter.Next(sink.Messages, since):N0} msg/s, {sink.Messages:N0} messages read, {sink.Connections:N0} connections").ConfigureAwait(false);
            if (parsed.GetValue(json)) CommonOptions.PrintJson(new { sink.Messages, sink.Accepted });
            else Console.WriteLine($"{sink.Messages:N0} messages read from {sink.Accepted:N0} connections.");
            return CommonOptions.Done;
        }, stop));
        return command;
    }

    private static LoadSink Listen(IPEndPoint at)
    {
        try
        {
            return new(at);
        }
        catch (SocketException e)
        {
            throw new ArgumentException($"Cannot listen on {at}: {e.Message}. Choose another --port, or end what listens there.", e);
        }
    }
}
