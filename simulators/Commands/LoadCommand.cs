using System.CommandLine;
using SmartCity.Mqtt;
using Spectre.Console;

namespace SmartCity.Simulators;

/// <summary>The <c>load</c> command: how many messages per second a broker takes, and how long an acknowledgement takes.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var command = new Command("load", """
            Measures a broker: sends as fast as it acknowledges, or at a given rate, and prints rates and latencies.

            Examples:
              load --messages 1000000                                one million QoS 1 messages over 16 connections
              load --rate 20000 --duration 60                        20,000 a second whatever the broker does; latency counts from when a message was due
              load --qos 0 --duration 30 --connections 4             30 seconds of QoS 0
              load --qos 0 --rate 20000 --subscribers 2              from end to end: the driver subscribes too, and knows each message
              load --url mqtts://broker --ca-file ca.pem --user me --mqtt 3.1.1    the password in SMARTCITY_MQTT_PASSWORD
              load --connections 100000 --rate 5000 --source 127.0.0.2-127.0.0.9
              load --keys 100000 --zipf 1.1 --payload-bytes 60:9,500-2000:1 --json
            """);
        var endpoint = new MqttEndpoint();
        var connections = new Option<int>("--connections", "-c") { Description = "Connections", DefaultValueFactory = _ => 16 };
        var source = new Option<string?>("--source") { Description = "Source addresses, each good for about 28,000 connections: 127.0.0.2-127.0.0.9 or a list with commas" };
        var inFlight = new Option<int>("--in-flight", "-w") { Description = "Messages without an acknowledgement, per connection", DefaultValueFactory = _ => 64 };
        var qos = CommonOptions.QoS(1);
        var rate = new Option<double?>("--rate", "-r") { Description = "Messages a second in total (open loop); without it as fast as the broker acknowledges" };
        var payload = new Option<string>("--payload-bytes", "--payload") { Description = "Bytes of one payload: a size, a range 60-2000, or several with weights 60:9,500-2000:1", DefaultValueFactory = _ => "60" };
        var messages = new Option<long>("--messages", "-n") { Description = "Messages in total; 0: use --duration" };
        var duration = new Option<double>("--duration") { Description = "Seconds to send when --messages is 0", DefaultValueFactory = _ => 10 };
        var keys = new Option<int>("--keys", "--devices") { Description = "Keys (devices) in total, each with a topic of its own", DefaultValueFactory = _ => 1000 };
        var zipf = new Option<double?>("--zipf") { Description = "Skew of the keys: exponent of Zipf's law, for example 1.1; without it all alike" };
        var subscribers = new Option<int>("--subscribers") { Description = "Connections that subscribe and measure from end to end: latency, lost and doubled messages" };
        var version = new Option<string>("--mqtt") { Description = "Protocol version: 3.1.1 or 5", DefaultValueFactory = _ => "5" }.AcceptOnlyFromAmong("3.1.1", "5");
        var json = CommonOptions.Json();
        Option[] all = [.. endpoint.All, connections, source, inFlight, qos, rate, payload, messages, duration, keys, zipf, subscribers, version, json];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var client = endpoint.Read(parsed);
            var options = new LoadOptions
            {
                Url = endpoint.Url(parsed),
                CaFile = client.CaFile,
                UserName = client.UserName,
                Password = client.Password,
                Connections = parsed.GetValue(connections),
                Sources = parsed.GetValue(source) is { } addresses ? SourceAddresses.Parse(addresses) : [],
                InFlight = parsed.GetValue(inFlight),
                QoS = (MqttQoS)parsed.GetValue(qos),
                Rate = parsed.GetValue(rate),
                PayloadSize = PayloadSizes.Parse(parsed.GetRequiredValue(payload)),
                Messages = parsed.GetValue(messages),
                Duration = CommonOptions.Seconds("--duration", parsed.GetValue(duration), CommonOptions.Longest),
                Keys = parsed.GetValue(keys),
                Zipf = parsed.GetValue(zipf),
                Subscribers = parsed.GetValue(subscribers),
                Version = parsed.GetValue(version) == "5" ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311,
            };
            var result = await RunAsync(options, stop).ConfigureAwait(false);
            if (parsed.GetValue(json)) CommonOptions.PrintJson(result);
            else Print(result, options);
            return result.Refused == 0 && result.Lost == 0 && result.Behind == 0 && result.Acknowledged == result.Sent && result.Delivery is null or { Lost: 0, Doubled: 0 } ? CommonOptions.Done : CommonOptions.LeftOver;
        }, stop));
        return command;
    }

    private static async Task<LoadResult> RunAsync(LoadOptions options, CancellationToken stop)
    {
        var driver = new LoadDriver(options);
        var meter = new RateMeter();
        return await ProgressLine.OfConsole.ShowAsync(driver.RunAsync(stop), Describe).ConfigureAwait(false);

        string Describe(TimeSpan since)
        {
            var now = driver.Progress;
            return now.Elapsed == TimeSpan.Zero
                ? $"{now.Connected:N0} of {options.Connections:N0} connections"
                : $"{ProgressLine.Eta(now.Elapsed, now.Part)}{meter.Next(now.Sent, since):N0} msg/s, {now.Sent:N0} sent, {now.Acknowledged:N0} acknowledged, {now.Refused:N0} refused, {(now.Delivered is { } back ? $"{back:N0} delivered, " : "")}{now.Lost:N0} connections lost";
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
        if (result.LatencyMs is { } latency) AddLatency(table, options.Rate is null ? "latency" : options.QoS == MqttQoS.AtMostOnce ? "due to written" : "latency from due", latency);
        if (result.Delivery is { } delivery)
        {
            table.AddRow("delivered / lost / doubled", $"{delivery.Delivered:N0} / {delivery.Lost:N0} / {delivery.Doubled:N0}");
            if (delivery.Foreign > 0) table.AddRow("messages of others", $"{delivery.Foreign:N0}");
            if (delivery.Untimed > 0) table.AddRow("too late for a latency", $"{delivery.Untimed:N0}");
            if (delivery.LatencyMs is { } end) AddLatency(table, "end to end", end);
        }

        AnsiConsole.Write(table);
        if (result.FirstLoss is { } why) AnsiConsole.MarkupLineInterpolated($"[yellow]The first connection lost: {why}[/]");
    }

    private static void AddLatency(Table table, string what, LatencySummary latency)
    {
        table.AddRow($"{what} p50 / p90 / p99", $"{latency.P50:0.00} / {latency.P90:0.00} / {latency.P99:0.00} ms");
        table.AddRow($"{what} p99.9 / p99.99 / max", $"{latency.P999:0.00} / {latency.P9999:0.00} / {latency.Max:0.00} ms");
    }
}
