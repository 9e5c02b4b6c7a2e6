using System.CommandLine;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>What <c>city</c> and <c>network</c> have in common: where to publish, seed, time, faults, scenarios, truth, and how a run ends.</summary>
internal sealed class CityFlags
{
    private readonly CityOptions _defaults = new();
    private readonly MqttEndpoint _endpoint = new();
    private readonly Option<int> _seed;
    private readonly Option<int> _qos;
    private readonly Option<string> _regions;
    private readonly Option<double?> _duration = new("--duration") { Description = "Seconds of its own time to run; without it until Ctrl+C, or a day with --speed" };
    private readonly Option<int> _connections;
    private readonly Option<string[]> _faults = new("--fault", "-f")
    {
        Description = $"Faults with their share of messages: name=rate, name, all or all=FACTOR; several with commas. Names: {string.Join(", ", FaultRates.Names)}",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _scenarios = new("--scenario")
    {
        Description = $"What happens: a YAML file, or {string.Join(", ", ScenarioReader.BuiltIn)}; with values of its own: typhoon,from=06:00,for=8h,units=dn+hue",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _truth = new("--truth", "-t") { Description = "Folder in which to write what was sent, what was broken and why; for audit" };
    private readonly Option<double> _speed;
    private readonly Option<DateTimeOffset?> _start = new("--start") { Description = "When its time begins, RFC 3339; without it so that it ends now" };
    private readonly Option<bool> _json = CommonOptions.Json();

    /// <param name="speed">What --speed does.</param>
    public CityFlags(string speed)
    {
        _seed = new("--seed", "-s") { Description = "Same seed, same traffic", DefaultValueFactory = _ => _defaults.Seed };
        _qos = CommonOptions.QoS((int)_defaults.QoS);
        _regions = new("--regions") { Description = "Regions, separated by commas", DefaultValueFactory = _ => string.Join(',', _defaults.Regions) };
        _connections = new("--connections", "-c") { Description = "MQTT connections", DefaultValueFactory = _ => _defaults.Connections };
        _speed = new("--speed") { Description = speed, DefaultValueFactory = _ => 1 };
    }

    /// <summary>Whether the result is to be one JSON object.</summary>
    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    public IEnumerable<Option> All => [.. _endpoint.All, _seed, _qos, _regions, _duration, _connections, _faults, _scenarios, _truth, _speed, _start, _json];

    /// <summary>Reads the city's options into <paramref name="city"/>, and how it is run.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message says what to write instead.</exception>
    public (CityOptions City, CityRunOptions Run) Read(ParseResult parsed, CityOptions city)
    {
        var happening = parsed.GetRequiredValue(_scenarios).Select(ScenarioReader.Load).ToList();
        var rates = new FaultRates();
        foreach (var (name, value) in happening.SelectMany(s => s.Faults)) rates.Set(name, value);
        foreach (var text in parsed.GetRequiredValue(_faults)) rates.Parse(text);
        city = city with
        {
            Scenarios = happening,
            Seed = parsed.GetValue(_seed),
            QoS = (MqttQoS)parsed.GetValue(_qos),
            Regions = parsed.GetRequiredValue(_regions).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            Duration = parsed.GetValue(_duration) is { } seconds ? CommonOptions.Seconds("--duration", seconds, CityRunOptions.Farthest) : null,
            Connections = parsed.GetValue(_connections),
        };
        city.Validate();
        return (city, new() { Speed = parsed.GetValue(_speed), Length = city.Duration, Start = parsed.GetValue(_start), Faults = rates, Truth = parsed.GetValue(_truth) });
    }

    /// <summary>Runs the city and prints its summary.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(ParseResult parsed, CityOptions city, CityRunOptions run, CancellationToken stop)
    {
        if (File.Exists(run.Truth)) throw new ArgumentException($"--truth {run.Truth} is a file; name a folder.");
        var exact = run.Faults.Any || run.Truth is not null || run.Speed != 1 || run.Start is not null;
        var client = _endpoint.Read(parsed);

        // What is wrong with the options is said before anything is done.
        var kept = exact ? new CityRun(city, run, TimeProvider.System, new ConsoleLogger()) : null;
        var live = exact ? null : new CitySimulation(city, TimeProvider.System, new ConsoleLogger());

        // A person who mistyped the address wants to know at once; the city itself would wait for the broker.
        await using (var probe = new MqttClient(client)) await probe.ConnectAsync(stop).ConfigureAwait(false);
        if (run.Truth is { } folder) MakeFolder(folder);
        var summary = kept is not null
            ? await CityTask.RunAsync(kept, city, run, client, stop).ConfigureAwait(false)
            : await CityTask.RunAsync(live!, city, client, stop).ConfigureAwait(false);
        if (parsed.GetValue(_json)) CommonOptions.PrintJson(summary);
        else Console.WriteLine(summary.Describe());

        // With faults, what is refused was sent to be refused.
        return run.Faults.Any || (summary.Refused == 0 && summary.Unanswered is null or 0) ? CommonOptions.Done : CommonOptions.LeftOver;
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
