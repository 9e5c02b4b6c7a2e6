using System.CommandLine;
using System.Text.Json;
using SmartCity.Mqtt;
using Spectre.Console;

namespace SmartCity.Simulators;

/// <summary>The <c>load</c> command: how many messages per second a broker takes, and how long an acknowledgement takes.</summary>
internal static class LoadCommand
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var command = new Command("load", """
            Measures a broker: sends as fast as it acknowledges, and prints rate and latency.

            Examples:
              load --messages 1000000                     one million QoS 1 messages over 16 connections
              load --qos 0 --duration 30 --connections 4  30 seconds of QoS 0
              load --payload 400 --in-flight 512 --json   machine-readable result
            """);
        var url = CommonOptions.Url();
        var connections = new Option<int>("--connections", "-c") { Description = "Connections", DefaultValueFactory = _ => 16 };
        var inFlight = new Option<int>("--in-flight", "-w") { Description = "Messages without an acknowledgement, per connection", DefaultValueFactory = _ => 64 };
        var qos = CommonOptions.QoS(1);
        var payload = new Option<int>("--payload") { Description = "Bytes of one payload", DefaultValueFactory = _ => 60 };
        var messages = new Option<long>("--messages", "-n") { Description = "Messages in total; 0: use --duration" };
        var duration = new Option<double>("--duration") { Description = "Seconds to send when --messages is 0", DefaultValueFactory = _ => 10 };
        var devices = new Option<int>("--devices") { Description = "Devices in total, each with a topic of its own", DefaultValueFactory = _ => 1000 };
        var version = new Option<string>("--mqtt") { Description = "Protocol version: 3.1.1 or 5", DefaultValueFactory = _ => "5" }.AcceptOnlyFromAmong("3.1.1", "5");
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        Option[] all = [url, connections, inFlight, qos, payload, messages, duration, devices, version, json];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var options = new LoadOptions
            {
                Url = parsed.GetRequiredValue(url),
                Connections = parsed.GetValue(connections),
                InFlight = parsed.GetValue(inFlight),
                QoS = (MqttQoS)parsed.GetValue(qos),
                PayloadSize = parsed.GetValue(payload),
                Messages = parsed.GetValue(messages),
                Duration = TimeSpan.FromSeconds(parsed.GetValue(duration)),
                Devices = parsed.GetValue(devices),
                Version = parsed.GetValue(version) == "5" ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311,
            };
            var result = await new LoadDriver(options).RunAsync(stop).ConfigureAwait(false);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result, s_json)).ConfigureAwait(false);
            else Print(result);
            return result.Refused == 0 && result.Acknowledged == result.Sent ? 0 : 2;
        }));
        return command;
    }

    private static void Print(LoadResult result)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("").AddColumn(new TableColumn("").RightAligned()).HideHeaders();
        table.AddRow("rate", $"{result.Rate:N0} msg/s");
        table.AddRow("sent / acknowledged / refused", $"{result.Sent:N0} / {result.Acknowledged:N0} / {result.Refused:N0}");
        table.AddRow("time", $"{result.Seconds:0.000} s");
        if (result.LatencyMs is { } latency)
        {
            table.AddRow("latency p50 / p95 / p99", $"{latency.P50:0.00} / {latency.P95:0.00} / {latency.P99:0.00} ms");
            table.AddRow("latency p99.9 / max", $"{latency.P999:0.00} / {latency.Max:0.00} ms");
        }

        AnsiConsole.Write(table);
    }
}
