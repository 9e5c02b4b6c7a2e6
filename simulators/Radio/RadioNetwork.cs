using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// The 5G networks of three operators: sites of three sectors around the centres of the largest units, and what a phone measures at a place.
/// Urban macro of TR 38.901 with spatially correlated shadowing and a line of sight that depends on the place, both functions of seed and position.
/// </summary>
public sealed class RadioNetwork
{
    public const int SectorsPerSite = 3;
    private const int SitesPerCity = 9;
    private const double MetresPerDegree = 111_320;
    private const double SiteHeight = 25;
    private const double PhoneHeight = 1.5;

    /// <summary>53 dBm over the 273 resource blocks of 100 MHz at 30 kHz: 17.85 dBm per resource element.</summary>
    private static readonly double s_epre = 53 - (10 * Math.Log10(12 * 273));

    /// <summary>Element gain 8 dBi and 9 dB from the array that forms the SSB beam.</summary>
    private const double AntennaGain = 17;

    /// <summary>Thermal noise of one 30 kHz resource element with a noise figure of 9 dB, dBm.</summary>
    private static readonly double s_noise = -174 + (10 * Math.Log10(30_000)) + 9;

    /// <summary>What a phone shows where every cell is out, dBm.</summary>
    private const double NoSignal = -140;

    /// <summary>Where a coverage hole is: so many metres east and north of the unit's centre.</summary>
    private const double HoleOffset = 500;

    private const double HoleRadius = 700;

    /// <summary>Cells further away add nothing.</summary>
    private const double Reach = 8000;

    /// <summary>Shadowing is drawn on a grid of this many metres, the correlation distance of UMa without line of sight.</summary>
    private const double ShadowGrid = 50;

    private readonly int _seed;
    private readonly CityConditions _conditions;
    private readonly Dictionary<string, int> _ranks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RadioCell> _byNcgi = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Unit, string Operator), List<RadioCell>> _byCity = [];

    public RadioNetwork(int seed, IReadOnlyList<UnitInfo> units, int sites, CityConditions? conditions = null)
    {
        _seed = seed;
        _conditions = conditions ?? CityConditions.Calm;
        var cells = new List<RadioCell>();
        // The largest unit of each region first: a small demonstration has 5G in all of them.
        units = [.. units.GroupBy(u => u.Region).Select(g => g.First()), .. units.GroupBy(u => u.Region).SelectMany(g => g.Skip(1))];
        var cities = Math.Clamp(Math.Max(sites / SitesPerCity, units.Select(u => u.Region).Distinct().Count()), 1, Math.Max(1, Math.Min(units.Count, sites)));
        for (var site = 0; site < sites; site++)
        {
            var unit = units[site % cities];
            var owner = MobileOperator.All[site / cities % MobileOperator.All.Count];
            AddSite(cells, unit, owner, site, site / cities / MobileOperator.All.Count);
        }

        Cells = cells;
        Cities = [.. units.Take(cities).Where(u => cells.Any(c => c.Unit == u))];
        foreach (var group in cells.GroupBy(c => (c.Unit.Code, c.Operator.Name))) _byCity.Add(group.Key, [.. group]);
        var sitesOfUnit = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var cell in cells)
        {
            _byNcgi.Add(cell.Ncgi, cell);

            // Scenarios name the first sectors of a unit's sites, in the order in which the sites were built.
            if (cell.Sector != 0) continue;
            var rank = sitesOfUnit.GetValueOrDefault(cell.Unit.Code);
            _ranks.Add(cell.Ncgi, rank);
            sitesOfUnit[cell.Unit.Code] = rank + 1;
        }
    }

    public IReadOnlyList<RadioCell> Cells { get; }

    /// <summary>Units with 5G.</summary>
    public IReadOnlyList<UnitInfo> Cities { get; }

    /// <summary>Operators with cells in a unit.</summary>
    public IReadOnlyList<MobileOperator> OperatorsIn(UnitInfo unit) => [.. MobileOperator.All.Where(o => _byCity.ContainsKey((unit.Code, o.Name)))];

    /// <summary>Share of a cell's resource blocks in use, with the crowds of scenarios.</summary>
    public double Load(RadioCell cell, DayTime time)
    {
        if (!_conditions.Any) return cell.Load(time);
        if (IsOut(cell, time.UnixMs)) return 0;
        return IsAsleep(cell, time.UnixMs) ? 0.03 : Math.Min(0.98, cell.Load(time) + (0.6 * _conditions.Crowd(cell.Unit.Code, time.UnixMs)));
    }

    /// <summary>True while the cell neither radiates nor reports.</summary>
    public bool IsOut(string ncgi, long ms) => _byNcgi.TryGetValue(ncgi, out var cell) && IsOut(cell, ms);

    /// <summary>True while the cell radiates but carries nobody.</summary>
    public bool IsAsleep(RadioCell cell, long ms) => Affects(ScenarioKind.SleepingCell, cell, ms);

    /// <summary>The PCI that the cell sends: its own, or that of a neighbour while they are confused.</summary>
    public int Pci(RadioCell cell, DayTime time) => !Affects(ScenarioKind.PciConfusion, cell, time.UnixMs)
        ? cell.Pci
        : _byCity[(cell.Unit.Code, cell.Operator.Name)].Find(c => c.SiteIndex != cell.SiteIndex && c.Sector == cell.Sector)?.Pci ?? cell.Pci;

    /// <summary>What a phone of an operator measures in a unit that the operator serves.</summary>
    public RadioSample Measure(MobileOperator owner, UnitInfo unit, double latitude, double longitude, DayTime time)
    {
        var cells = _byCity[(unit.Code, owner.Name)];
        RadioCell? best = null;
        double bestPower = double.NegativeInfinity, interference = 0;
        foreach (var cell in cells)
        {
            var power = Power(cell, latitude, longitude, time.UnixMs);
            if (power <= bestPower)
            {
                interference += Load(cell, time) * Linear(power);
                continue;
            }

            if (best is not null) interference += Load(best, time) * Linear(bestPower);
            (best, bestPower) = (cell, power);
        }

        // Where every cell is out, a phone shows the last one that it knew, without signal.
        if (best is null) (best, bestPower) = (cells[0], NoSignal);
        return Sample(best, bestPower, interference, Load(best, time));
    }

    /// <summary>SS-RSRP of a cell at a place, dBm; negative infinity beyond reach.</summary>
    /// <param name="ms">Unix milliseconds; what scenarios do then counts.</param>
    public double Power(RadioCell cell, double latitude, double longitude, long ms = 0)
    {
        if (_conditions.Any && IsOut(cell, ms)) return double.NegativeInfinity;
        var (east, north) = Offset(cell.Latitude, cell.Longitude, latitude, longitude);
        var d2 = Math.Max(10, Math.Sqrt((east * east) + (north * north)));
        if (d2 > Reach) return double.NegativeInfinity;
        var ghz = cell.Operator.CentreGhz;
        var sight = SeededRandom.Unit(Hash(cell.SiteIndex, (long)Math.Floor(east / 40), (long)Math.Floor(north / 40), 1)) < PathLoss.UmaLosProbability(d2);
        var loss = sight ? PathLoss.UmaLos(d2, ghz) : PathLoss.UmaNlos(d2, ghz);
        var shadow = Shadow(cell.SiteIndex, east, north) * (sight ? 4 : 6);
        var bearing = Math.Atan2(east, north) * 180 / Math.PI;
        var zenith = 90 + (Math.Atan2(SiteHeight - PhoneHeight, d2) * 180 / Math.PI);
        var azimuth = _conditions.Any ? Azimuth(cell, ms) : cell.Azimuth;
        var power = s_epre + AntennaGain + Antenna.Attenuation(bearing - azimuth, zenith) - loss - shadow;
        return _conditions.Any ? power + Extra(cell, d2, latitude, longitude, ms) : power;
    }

    /// <summary>The boresight of the antenna that the cell is connected to: while feeders are exchanged, that of the next sector.</summary>
    private double Azimuth(RadioCell cell, long ms)
    {
        if (cell.Sector == 2) return cell.Azimuth;
        var site = _byCity[(cell.Unit.Code, cell.Operator.Name)].Where(c => c.SiteIndex == cell.SiteIndex);
        return Affects(ScenarioKind.SwappedSectors, site.First(c => c.Sector == 0), ms) ? site.First(c => c.Sector == 1 - cell.Sector).Azimuth : cell.Azimuth;
    }

    /// <summary>What scenarios add to the power of a cell at a place, dB.</summary>
    private double Extra(RadioCell cell, double metres, double latitude, double longitude, long ms)
    {
        var extra = -4 * Math.Min(1, _conditions.Sum(ScenarioKind.Typhoon, cell.Unit.Code, ms));
        if (Affects(ScenarioKind.OvershootingTilt, cell, ms)) extra += metres < 600 ? -10 : Math.Min(12, (metres - 600) / 75);
        var hole = _conditions.Sum(ScenarioKind.CoverageHole, cell.Unit.Code, ms);
        if (hole <= 0) return extra;
        var (east, north) = Offset(cell.Unit.Latitude, cell.Unit.Longitude, latitude, longitude);
        return Math.Sqrt(Math.Pow(east - HoleOffset, 2) + Math.Pow(north - HoleOffset, 2)) < HoleRadius ? extra - (30 * Math.Min(1, hole)) : extra;
    }

    private bool IsOut(RadioCell cell, long ms) => Affects(ScenarioKind.CellOutage, cell, ms);

    private bool Affects(ScenarioKind kind, RadioCell cell, long ms) => _conditions.Any && _ranks.TryGetValue(cell.Ncgi, out var rank) && _conditions.Affects(kind, cell, rank, ms);

    private static RadioSample Sample(RadioCell cell, double power, double interference, double load)
    {
        var noise = Linear(s_noise);
        var signal = Linear(power);
        var sinr = 10 * Math.Log10(signal / (interference + noise));

        // RSRQ = N·RSRP/RSSI: per resource block, twelve elements of own traffic, interference and noise.
        var rsrq = 10 * Math.Log10(signal / (12 * ((signal * (0.15 + (0.85 * load))) + interference + noise)));

        // TR 36.942 annex A, two layers, three quarters of the time downlink, and what the other users leave.
        var linear = Math.Pow(10, Math.Min(sinr, 22) / 10);
        var efficiency = sinr < -10 ? 0 : Math.Min(4.4, 0.6 * Math.Log2(1 + linear));
        var down = 100_000 * efficiency * 2 * 0.75 * (1 - (0.85 * load));

        // The phone has 23 dBm: its uplink fades out before the downlink does.
        var up = 100_000 * Math.Min(3, efficiency) * 0.25 * (1 - (0.7 * load)) * Math.Clamp((power + 125) / 40, 0, 1);
        return new(cell, power, rsrq, sinr, down, up);
    }

    private void AddSite(List<RadioCell> cells, UnitInfo unit, MobileOperator owner, int site, int ring)
    {
        var random = SeededRandom.For(_seed, $"site/{unit.Code}/{owner.Mnc}/{ring}");

        // A sunflower around the centre: even density, without rows.
        var distance = 1150 * Math.Sqrt(ring + 0.5) * random.Between(0.85, 1.15);
        var angle = (ring * 2.399963) + random.Between(-0.4, 0.4) + int.Parse(owner.Mnc, System.Globalization.CultureInfo.InvariantCulture);
        var latitude = unit.Latitude + (distance * Math.Cos(angle) / MetresPerDegree);
        var longitude = unit.Longitude + (distance * Math.Sin(angle) / (MetresPerDegree * Math.Cos(unit.Latitude * Math.PI / 180)));
        var turn = random.Between(0, 120);
        for (var sector = 0; sector < SectorsPerSite; sector++)
        {
            // gNB id of 24 bits and cell id of 12.
            var nci = ((0x0A0000L + site) << 12) | (long)(sector + 1);
            cells.Add(new(
                owner, unit, site, sector, owner.Ncgi(nci), ((site % 336) * 3) + sector, latitude, longitude, (turn + (120 * sector)) % 360, random.Between(0.35, 0.95)));
        }
    }

    /// <summary>Correlated standard normal shadowing of a site at an offset: bilinear between independent grid values, rescaled to unit variance.</summary>
    private double Shadow(int site, double east, double north)
    {
        double x = east / ShadowGrid, y = north / ShadowGrid;
        long ix = (long)Math.Floor(x), iy = (long)Math.Floor(y);
        double fx = x - ix, fy = y - iy;
        double sum = 0, squares = 0;
        for (var dx = 0; dx <= 1; dx++)
        {
            for (var dy = 0; dy <= 1; dy++)
            {
                var weight = (dx == 0 ? 1 - fx : fx) * (dy == 0 ? 1 - fy : fy);
                sum += weight * new SeededRandom(Hash(site, ix + dx, iy + dy, 2)).Gaussian();
                squares += weight * weight;
            }
        }

        return sum / Math.Sqrt(squares);
    }

    private ulong Hash(int site, long x, long y, int purpose) =>
        SeededRandom.Mix(SeededRandom.Mix(((ulong)(uint)_seed << 32) ^ (ulong)(uint)((site * 4) + purpose)) ^ SeededRandom.Mix(((ulong)x * 0x9E3779B97F4A7C15UL) + (ulong)y));

    private static (double East, double North) Offset(double fromLatitude, double fromLongitude, double latitude, double longitude) =>
        ((longitude - fromLongitude) * MetresPerDegree * Math.Cos(fromLatitude * Math.PI / 180), (latitude - fromLatitude) * MetresPerDegree);

    private static double Linear(double db) => Math.Pow(10, db / 10);
}
