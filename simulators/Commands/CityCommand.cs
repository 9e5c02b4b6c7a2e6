using System.CommandLine;
using SmartCity.Contracts;
using SmartCity.Mqtt;
using Spectre.Console;

namespace SmartCity.Simulators;

/// <summary>The <c>city</c> command: a simulated city against any broker.</summary>
internal static class CityCommand
{
    public static Command Create()
    {
        var defaults = new CityOptions();
        var command = new Command("city", """
            Simulates sensors, 5G cells and drive tests, and publishes what they measure.

            Examples:
              city                                          300 devices, 100 messages a second, all regions
              city --url mqtt://broker:1883 --devices 5000 --rate 2000
              city --regions bac,nam --seed 7 --duration 60
            """);
        var url = CommonOptions.Url();
        var devices = new Option<int>("--devices", "-d") { Description = "Devices in total", DefaultValueFactory = _ => defaults.Devices };
        var rate = new Option<double>("--rate", "-r") { Description = "Messages a second in total", DefaultValueFactory = _ => defaults.Rate };
        var seed = new Option<int>("--seed", "-s") { Description = "Same seed, same traffic", DefaultValueFactory = _ => defaults.Seed };
        var qos = CommonOptions.QoS((int)defaults.QoS);
        var regions = new Option<string>("--regions")
        {
            Description = "Regions, separated by commas",
            DefaultValueFactory = _ => string.Join(',', defaults.Regions),
        };
        var duration = new Option<double?>("--duration") { Description = "Seconds to run; without it until Ctrl+C" };
        var connections = new Option<int>("--connections", "-c") { Description = "MQTT connections", DefaultValueFactory = _ => defaults.Connections };
        Option[] all = [url, devices, rate, seed, qos, regions, duration, connections];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var options = new CityOptions
            {
                Devices = parsed.GetValue(devices),
                Rate = parsed.GetValue(rate),
                Seed = parsed.GetValue(seed),
                QoS = (MqttQoS)parsed.GetValue(qos),
                Regions = parsed.GetRequiredValue(regions).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                Duration = parsed.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Connections = parsed.GetValue(connections),
            };
            options.Validate();
            return await RunAsync(parsed.GetRequiredValue(url), options, stop).ConfigureAwait(false);
        }));
        return command;
    }

    private static async Task<int> RunAsync(Uri url, CityOptions options, CancellationToken stop)
    {
        // A person who mistyped the address wants to know at once; the simulation itself would wait for the broker.
        await using (var probe = new MqttClient(new MqttClientOptions().WithUrl(url))) await probe.ConnectAsync(stop).ConfigureAwait(false);
        var clock = TimeProvider.System;
        var simulation = new CitySimulation(options, clock, new ConsoleLogger());
        AnsiConsole.MarkupLineInterpolated($"Simulating {options.Devices} devices at {url}. Ctrl+C ends.");
        var started = clock.GetTimestamp();
        var run = simulation.RunAsync(url, stop);
        using (var timer = new PeriodicTimer(TimeSpan.FromSeconds(5), clock))
        {
            for (long before = 0; await Task.WhenAny(run, timer.WaitForNextTickAsync(CancellationToken.None).AsTask()).ConfigureAwait(false) != run;)
            {
                var sent = simulation.Sent;
                AnsiConsole.MarkupLineInterpolated($"{(sent - before) / 5.0:0} msg/s, {sent} sent, {simulation.Acknowledged} acknowledged, {simulation.Refused} refused");
                before = sent;
            }
        }

        await run.ConfigureAwait(false);
        AnsiConsole.MarkupLineInterpolated(
            $"{simulation.Sent} sent, {simulation.Acknowledged} acknowledged, {simulation.Refused} refused, {simulation.Skipped} left out in {clock.GetElapsedTime(started).TotalSeconds:0.0} s.");
        return simulation.Refused == 0 ? 0 : 2;
    }
}
