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
              city --speed 144 --fault all --truth /tmp/truth    a day in ten minutes with every fault; then: audit --truth /tmp/truth
              city --scenario typhoon --scenario power-cut       a storm, and a ward without electricity
              city --fault duplicate=0.01,loss=0.05              only these faults
            """);
        var url = MqttEndpoint.Url();
        var devices = new Option<int>("--devices", "-d") { Description = "Devices in total", DefaultValueFactory = _ => defaults.Devices };
        var rate = new Option<double>("--rate", "-r") { Description = "Messages a second in total", DefaultValueFactory = _ => defaults.Rate };
        var seed = new Option<int>("--seed", "-s") { Description = "Same seed, same traffic", DefaultValueFactory = _ => defaults.Seed };
        var qos = CommonOptions.QoS((int)defaults.QoS);
        var regions = new Option<string>("--regions")
        {
            Description = "Regions, separated by commas",
            DefaultValueFactory = _ => string.Join(',', defaults.Regions),
        };
        var duration = new Option<double?>("--duration") { Description = "Seconds of the city's own time to run; without it until Ctrl+C, or a day with --speed" };
        var connections = new Option<int>("--connections", "-c") { Description = "MQTT connections", DefaultValueFactory = _ => defaults.Connections };
        var faults = new Option<string[]>("--fault", "-f")
        {
            Description = $"Faults with their share of messages: name=rate, name, all or all=FACTOR; several with commas. Names: {string.Join(", ", FaultRates.Names)}",
            DefaultValueFactory = _ => [],
        };
        var scenarios = new Option<string[]>("--scenario") { Description = $"What happens: a YAML file, or {string.Join(", ", ScenarioReader.BuiltIn)}", DefaultValueFactory = _ => [] };
        var truth = new Option<string?>("--truth", "-t") { Description = "Folder in which to write what was sent, what was broken and why; for audit" };
        var speed = new Option<double>("--speed") { Description = "How many times faster than the clock the city lives; the day ends now", DefaultValueFactory = _ => 1 };
        var start = new Option<DateTimeOffset?>("--start") { Description = "When the city's time begins, RFC 3339; without it so that it ends now" };
        Option[] all = [url, devices, rate, seed, qos, regions, duration, connections, faults, scenarios, truth, speed, start];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var happening = parsed.GetRequiredValue(scenarios).Select(ScenarioReader.Load).ToList();
            var rates = new FaultRates();
            foreach (var (name, value) in happening.SelectMany(s => s.Faults)) rates.Set(name, value);
            foreach (var text in parsed.GetRequiredValue(faults)) rates.Parse(text);
            var options = new CityOptions
            {
                Scenarios = happening,
                Devices = parsed.GetValue(devices),
                Rate = parsed.GetValue(rate),
                Seed = parsed.GetValue(seed),
                QoS = (MqttQoS)parsed.GetValue(qos),
                Regions = parsed.GetRequiredValue(regions).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                Duration = parsed.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Connections = parsed.GetValue(connections),
            };
            options.Validate();
            var run = new CityRunOptions { Speed = parsed.GetValue(speed), Length = options.Duration, Start = parsed.GetValue(start), Faults = rates, Truth = parsed.GetValue(truth) };
            if (rates.Any || run.Truth is not null || run.Speed != 1 || run.Start is not null) return await RunAsync(parsed.GetRequiredValue(url), options, run, stop).ConfigureAwait(false);
            return await RunAsync(parsed.GetRequiredValue(url), options, stop).ConfigureAwait(false);
        }));
        return command;
    }

    /// <summary>A run whose every message is accounted for.</summary>
    internal static async Task<int> RunAsync(Uri url, CityOptions options, CityRunOptions runOptions, CancellationToken stop)
    {
        await using (var probe = new MqttClient(new MqttClientOptions().WithUrl(url))) await probe.ConnectAsync(stop).ConfigureAwait(false);
        var clock = TimeProvider.System;
        var city = new CityRun(options, runOptions, clock, new ConsoleLogger());
        var progress = city.Progress;
        AnsiConsole.MarkupLineInterpolated($"Simulating {options.Devices} devices at {url}, from {Text(city.FromMs)} at {runOptions.Speed} times the speed. Ctrl+C ends.");
        var started = clock.GetTimestamp();
        var run = city.RunAsync(url, stop);
        using (var timer = new PeriodicTimer(TimeSpan.FromSeconds(5), clock))
        {
            for (long before = 0; await Task.WhenAny(run, timer.WaitForNextTickAsync(CancellationToken.None).AsTask()).ConfigureAwait(false) != run;)
            {
                var made = progress.Made;
                var left = TimeSpan.FromMilliseconds(Math.Max(0, city.ToMs - progress.SimulatedMs) / runOptions.Speed);
                var eta = city.ToMs == long.MaxValue ? string.Empty : ", " + left.ToString(@"h\:mm\:ss", System.Globalization.CultureInfo.InvariantCulture) + " left";
                AnsiConsole.MarkupLineInterpolated($"{Text(progress.SimulatedMs)}: {(made - before) / 5.0:0} msg/s, {made} measured, {progress.Acknowledged} acknowledged, {progress.Lost} lost on purpose, {progress.Refused} refused{eta}");
                before = made;
            }
        }

        await run.ConfigureAwait(false);
        AnsiConsole.MarkupLineInterpolated(
            $"{progress.Made} measured: {progress.Acknowledged} acknowledged ({progress.Resent} of them sent again after a lost connection), {progress.Lost} never sent, {progress.Refused} refused, {progress.Unknown} without an answer, in {clock.GetElapsedTime(started).TotalSeconds:0.0} s.");
        if (runOptions.Truth is { } folder) AnsiConsole.MarkupLineInterpolated($"The truth is in {folder}; compare with: audit --truth {folder}");
        return 0;
    }

    private static string Text(long ms) => FormattableString.Invariant($"{DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");

    internal static async Task<int> RunAsync(Uri url, CityOptions options, CancellationToken stop)
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
