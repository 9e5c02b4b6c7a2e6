using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>What the devices of a city have in common: places, weather, the 5G network.</summary>
public sealed class CityWorld
{
    private readonly Dictionary<string, UnitClimate> _climates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UnitInfo> _inForce = new(StringComparer.Ordinal);

    /// <param name="startMs">Start of the run, Unix milliseconds: where the timeline of its scenarios begins, and which says what units are in force.</param>
    public CityWorld(CityOptions options, long startMs = 0)
    {
        options.Validate();
        Seed = options.Seed;
        Conditions = options.Scenarios.Count == 0 ? CityConditions.Calm : new(options.Scenarios, startMs);
        var start = DateTimeOffset.FromUnixTimeMilliseconds(startMs);
        var places = Simulators.Places.All.Where(p => options.Regions.Contains(Geography.Default.FindUnit(p.Unit)!.Region)).ToList();
        Places = [.. places.Select(p => Geography.Default.FindUnit(p.Unit)! with { Code = p.Code, Name = p.Name, Latitude = p.Latitude, Longitude = p.Longitude })];
        foreach (var place in places)
        {
            // Places of one unit of 2021 are near enough to have one weather.
            _climates.Add(place.Code, _climates.GetValueOrDefault(place.Unit) ?? new(options.Seed, Geography.Default.FindUnit(place.Unit)!, Conditions));
            _inForce.Add(place.Code, Geography.Default.InForce(place.Unit, start)!);
        }

        Granularity = options.Granularity;
        if (options.Network is { } network)
        {
            Radio = new(options.Seed, Places, network.Sites, Conditions, NetworkOptions.SitesPerCity);
            return;
        }

        var share = DeviceKinds.All.OfType<CellKind>().Single().Share / DeviceKinds.All.Sum(k => k.Share);
        Radio = new(options.Seed, Places, (int)Math.Round(options.Devices * share / RadioNetwork.SectorsPerSite), Conditions);
    }

    public int Seed { get; }

    /// <summary>
    /// Places of the chosen regions, the largest first: each is its unit of 2021 with the code, name and centre of the <see cref="Place"/>, for everything that happens
    /// around a centre. Topics have the unit of <see cref="UnitOf"/>.
    /// </summary>
    public IReadOnlyList<UnitInfo> Places { get; }

    public RadioNetwork Radio { get; }

    /// <summary>See <see cref="CityOptions.Granularity"/>.</summary>
    public int? Granularity { get; }

    /// <summary>What scenarios do.</summary>
    public CityConditions Conditions { get; }

    public UnitClimate Climate(UnitInfo place) => _climates[place.Code];

    /// <summary>The unit in force at the start of the run that a place lies in. It stays for the whole run: devices keep their topics.</summary>
    public UnitInfo UnitOf(UnitInfo place) => _inForce[place.Code];

    /// <summary>What scenarios do to the 5G network, with the units in force.</summary>
    public IEnumerable<RadioProblem> Problems() => Radio.Problems().Select(p => p with { Unit = _inForce[p.Unit].Code });
}
