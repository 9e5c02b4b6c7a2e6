using System.CommandLine;
using SmartCity.Contracts;
using SmartCity.Mqtt;

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
              city --url mqtts://broker --ca-file ca.pem --user city       the password in SMARTCITY_MQTT_PASSWORD
              city --regions bac,nam --seed 7 --duration 60
              city --speed 144 --fault all --truth /tmp/truth    a day in ten minutes with every fault; then: audit --truth /tmp/truth
              city --scenario typhoon --scenario power-cut       a storm, and a ward without electricity
              city --fault duplicate=0.01,loss=0.05              only these faults
            """);
        var endpoint = new MqttEndpoint();
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
        var json = CommonOptions.Json();
        Option[] all = [.. endpoint.All, devices, rate, seed, qos, regions, duration, connections, faults, scenarios, truth, speed, start, json];
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
            if (File.Exists(run.Truth)) throw new ArgumentException($"--truth {run.Truth} is a file; name a folder.");
            var exact = rates.Any || run.Truth is not null || run.Speed != 1 || run.Start is not null;
            var client = endpoint.Read(parsed);

            // A person who mistyped the address wants to know at once; the city itself would wait for the broker.
            await using (var probe = new MqttClient(client)) await probe.ConnectAsync(stop).ConfigureAwait(false);
            if (run.Truth is { } folder) MakeFolder(folder);
            var summary = exact
                ? await CityTask.RunAsync(new CityRun(options, run, TimeProvider.System, new ConsoleLogger()), run, client, stop).ConfigureAwait(false)
                : await CityTask.RunAsync(new CitySimulation(options, TimeProvider.System, new ConsoleLogger()), options, client, stop).ConfigureAwait(false);
            if (parsed.GetValue(json)) CommonOptions.PrintJson(summary);
            else Console.WriteLine(summary.Describe());

            // With faults, what is refused was sent to be refused.
            return rates.Any || (summary.Refused == 0 && summary.Unanswered is null or 0) ? CommonOptions.Done : CommonOptions.LeftOver;
        }, stop));
        return command;
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The folder --truth {folder} cannot be made ({e.Message}); name one where you may write.", e);
        }
    }
}
