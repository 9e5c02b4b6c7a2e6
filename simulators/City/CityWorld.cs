using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>What the devices of a city have in common: units, weather, the 5G network.</summary>
public sealed class CityWorld
{
    /// <summary>The units in the order in which they get devices: the centres of the regions first, then the rest.</summary>
    private static readonly string[] s_largest = ["hn", "dn", "sg", "hp", "hue", "bd", "qn", "qna", "dna", "bn", "bdi", "vt"];

    private readonly Dictionary<string, UnitClimate> _climates = new(StringComparer.Ordinal);

    /// <param name="startMs">Start of the run, Unix milliseconds: where the timeline of its scenarios begins.</param>
    public CityWorld(CityOptions options, long startMs = 0)
    {
        options.Validate();
        Seed = options.Seed;
        Conditions = options.Scenarios.Count == 0 ? CityConditions.Calm : new(options.Scenarios, startMs);
        Units =
        [
            .. Geography.Default.Units.Where(u => options.Regions.Contains(u.Region))
                .OrderBy(u => Array.IndexOf(s_largest, u.Code) is var at && at < 0 ? s_largest.Length : at),
        ];
        foreach (var unit in Units) _climates.Add(unit.Code, new(options.Seed, unit, Conditions));
        Granularity = options.Granularity;
        if (options.Network is { } network)
        {
            Radio = new(options.Seed, Units, network.Sites, Conditions, NetworkOptions.SitesPerCity);
            return;
        }

        var share = DeviceKinds.All.OfType<CellKind>().Single().Share / DeviceKinds.All.Sum(k => k.Share);
        Radio = new(options.Seed, Units, (int)Math.Round(options.Devices * share / RadioNetwork.SectorsPerSite), Conditions);
    }

    public int Seed { get; }

    /// <summary>Units of the chosen regions, the largest cities first.</summary>
    public IReadOnlyList<UnitInfo> Units { get; }

    public RadioNetwork Radio { get; }

    /// <summary>See <see cref="CityOptions.Granularity"/>.</summary>
    public int? Granularity { get; }

    /// <summary>What scenarios do.</summary>
    public CityConditions Conditions { get; }

    public UnitClimate Climate(UnitInfo unit) => _climates[unit.Code];
}
