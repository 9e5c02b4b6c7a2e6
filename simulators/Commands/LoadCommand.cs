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
            Measures a broker: sends as fast as it acknowledges, or at a given rate, and prints rates and latencies.

            Examples:
              load --messages 1000000                                one million QoS 1 messages over 16 connections
              load --rate 20000 --duration 60                        20,000 a second whatever the broker does; latency counts from when a message was due
              load --qos 0 --duration 30 --connections 4             30 seconds of QoS 0
              load --url mqtts://broker --ca-file ca.pem --user me --password secret --mqtt 3.1.1
              load --connections 100000 --rate 5000 --source 127.0.0.2-127.0.0.9
              load --keys 100000 --zipf 1.1 --payload-bytes 400 --json
            """);
        var url = MqttEndpoint.Url();
        var endpoint = new MqttEndpoint();
        var connections = new Option<int>("--connections", "-c") { Description = "Connections", DefaultValueFactory = _ => 16 };
        var source = new Option<string?>("--source") { Description = "Source addresses, each good for about 28,000 connections: 127.0.0.2-127.0.0.9 or a list with commas" };
        var inFlight = new Option<int>("--in-flight", "-w") { Description = "Messages without an acknowledgement, per connection", DefaultValueFactory = _ => 64 };
        var qos = CommonOptions.QoS(1);
        var rate = new Option<double?>("--rate", "-r") { Description = "Messages a second in total (open loop); without it as fast as the broker acknowledges" };
        var payload = new Option<int>("--payload-bytes", "--payload") { Description = "Bytes of one payload", DefaultValueFactory = _ => 60 };
        var messages = new Option<long>("--messages", "-n") { Description = "Messages in total; 0: use --duration" };
        var duration = new Option<double>("--duration") { Description = "Seconds to send when --messages is 0", DefaultValueFactory = _ => 10 };
        var keys = new Option<int>("--keys", "--devices") { Description = "Keys (devices) in total, each with a topic of its own", DefaultValueFactory = _ => 1000 };
        var zipf = new Option<double?>("--zipf") { Description = "Skew of the keys: exponent of Zipf's law, for example 1.1; without it all alike" };
        var version = new Option<string>("--mqtt") { Description = "Protocol version: 3.1.1 or 5", DefaultValueFactory = _ => "5" }.AcceptOnlyFromAmong("3.1.1", "5");
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        Option[] all = [url, .. endpoint.All, connections, source, inFlight, qos, rate, payload, messages, duration, keys, zipf, version, json];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => MqttEndpoint.GuardAsync(async () =>
        {
            var options = new LoadOptions
            {
                Url = parsed.GetRequiredValue(url),
                CaFile = parsed.GetValue(endpoint.CaFile),
                UserName = parsed.GetValue(endpoint.User),
                Password = parsed.GetValue(endpoint.Password),
                Connections = parsed.GetValue(connections),
                Sources = parsed.GetValue(source) is { } addresses ? SourceAddresses.Parse(addresses) : [],
                InFlight = parsed.GetValue(inFlight),
                QoS = (MqttQoS)parsed.GetValue(qos),
                Rate = parsed.GetValue(rate),
                PayloadSize = parsed.GetValue(payload),
                Messages = parsed.GetValue(messages),
                Duration = TimeSpan.FromSeconds(parsed.GetValue(duration)),
                Keys = parsed.GetValue(keys),
                Zipf = parsed.GetValue(zipf),
                Version = parsed.GetValue(version) == "5" ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311,
            };
            var result = await RunAsync(options, stop).ConfigureAwait(false);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result, s_json)).ConfigureAwait(false);
            else Print(result, options);
            return result.Refused == 0 && result.Lost == 0 && result.Behind == 0 && result.Acknowledged == result.Sent ? 0 : 2;
        }));
        return command;
    }

    private static async Task<LoadResult> RunAsync(LoadOptions options, CancellationToken stop)
    {
        var driver = new LoadDriver(options);
        var before = default(LoadProgress);
        return await ProgressLine.ShowAsync(driver.RunAsync(stop), Describe, TimeProvider.System).ConfigureAwait(false);

        string Describe(TimeSpan since)
        {
            var now = driver.Progress;
            var rate = (now.Sent - (before?.Sent ?? 0)) / since.TotalSeconds;
            before = now;
            return now.Elapsed == TimeSpan.Zero
                ? $"{now.Connected:N0} of {options.Connections:N0} connections"
                : $"{rate:N0} msg/s, {now.Sent:N0} sent, {now.Acknowledged:N0} acknowledged, {now.Refused:N0} refused, {now.Lost:N0} connections lost{ProgressLine.Eta(now.Elapsed, now.Part)}";
        }
    }

    private static void Print(LoadResult result, LoadOptions options)
    {
        if (result.Stopped) AnsiConsole.MarkupLine("Stopped early; this is what was measured until then.");
        var table = new Table().Border(TableBorder.Rounded).AddColumn("").AddColumn(new TableColumn("").RightAligned()).HideHeaders();
        table.AddRow("rate", $"{result.Rate:N0} msg/s");
        if (options.Rate is { } rate) table.AddRow("asked for", $"{rate:N0} msg/s");
        table.AddRow("sent / acknowledged / refused", $"{result.Sent:N0} / {result.Acknowledged:N0} / {result.Refused:N0}");
        if (result.Unanswered > 0) table.AddRow("without an answer", $"{result.Unanswered:N0}");
        if (result.Behind > 0) table.AddRow("due and not sent", $"{result.Behind:N0}");
        table.AddRow("connections / lost", $"{result.Connections:N0} / {result.Lost:N0}");
        table.AddRow("time", $"{result.Seconds:0.000} s");
        table.AddRow("the driver's processor time", $"{result.ProcessorSeconds:0.000} s, {result.RatePerCore:N0} msg/s from one core");
        if (result.LatencyMs is { } latency)
        {
            var what = options.Rate is null ? "latency" : options.QoS == MqttQoS.AtMostOnce ? "due to written" : "latency from due";
            table.AddRow($"{what} p50 / p90 / p99", $"{latency.P50:0.00} / {latency.P90:0.00} / {latency.P99:0.00} ms");
            table.AddRow($"{what} p99.9 / max", $"{latency.P999:0.00} / {latency.Max:0.00} ms");
        }

        AnsiConsole.Write(table);
        if (result.FirstLoss is { } why) AnsiConsole.MarkupLineInterpolated($"[yellow]The first connection lost: {why}[/]");
    }
}
