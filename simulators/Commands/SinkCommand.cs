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
            """);
        var port = new Option<int>("--port", "-p") { Description = "Port on 127.0.0.1", DefaultValueFactory = _ => 11884 };
        command.Options.Add(port);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var number = parsed.GetValue(port);
            if (number is < 1 or > 65_535) throw new ArgumentException("--port must be 1 to 65535.");
            LoadSink sink;
            try
            {
                sink = new LoadSink(new(IPAddress.Loopback, number));
            }
            catch (SocketException e)
            {
                throw new ArgumentException($"Cannot listen on 127.0.0.1:{number}: {e.Message}. Choose another --port.", e);
            }

            await using (sink)
            {
                Console.WriteLine($"Reading on {sink.EndPoint}. Ctrl+C ends.");
                var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using (stop.Register(() => ended.TrySetResult())) await ended.Task.ConfigureAwait(false);
                Console.WriteLine($"{sink.Messages:N0} messages read.");
            }

            return 0;
        }));
        return command;
    }
}
