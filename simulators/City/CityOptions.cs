using SmartCity.Contracts;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>What city is simulated. The defaults are the demonstration: about 300 devices and 100 messages a second in all three regions.</summary>
public sealed record CityOptions
{
    /// <summary>Devices in total: sensors, 5G cells and drive-test phones.</summary>
    public int Devices { get; init; } = 300;

    /// <summary>Messages a second in total; the kinds keep their ratio.</summary>
    public double Rate { get; init; } = 100;

    /// <summary>Same seed, same options and same start: the same messages, byte for byte.</summary>
    public int Seed { get; init; } = 1;

    public MqttQoS QoS { get; init; } = MqttQoS.AtLeastOnce;

    /// <summary>Region codes.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [.. Geography.Default.Regions.Select(r => r.Code)];

    /// <summary>MQTT connections; devices are spread over them as over field gateways.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>What happens to the city; all of them at once.</summary>
    public IReadOnlyList<Scenario> Scenarios { get; init; } = [];

    /// <summary>Only a 5G network of this size; null: a whole city. <see cref="Devices"/> and <see cref="Rate"/> then do not count.</summary>
    public NetworkOptions? Network { get; init; }

    /// <summary>Granularity period of the cells' counters, seconds: <see cref="NetworkOptions.Granularities"/>; null: a message covers the time since the cell's last one.</summary>
    public int? Granularity { get; init; }

    /// <summary>How long to run; null: until cancelled.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Checks the values; the message of the exception says what to write instead.</summary>
    public void Validate()
    {
        if (Devices is < 1 or > 1_000_000) throw new ArgumentException("--devices must be 1 to 1000000.");
        if (!(Rate is > 0 and <= 1_000_000)) throw new ArgumentException("--rate must be above 0 and at most 1000000 messages a second.");
        if (Connections is < 1 or > 10_000) throw new ArgumentException("--connections must be 1 to 10000.");
        if (Duration <= TimeSpan.Zero) throw new ArgumentException("--duration must be positive.");
        if (Granularity is { } period && !NetworkOptions.Granularities.Contains(period)) throw new ArgumentException($"--granularity must be {string.Join(", ", NetworkOptions.Granularities)} seconds.");
        Network?.Validate();
        var known = Geography.Default.Regions.Select(r => r.Code).ToList();
        if (Regions.Count == 0 || Regions.FirstOrDefault(r => !known.Contains(r)) is { } unknown && unknown.Length >= 0)
        {
            throw new ArgumentException($"--regions must be some of {string.Join(", ", known)}.");
        }
    }
}
