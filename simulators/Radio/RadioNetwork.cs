using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// The 5G networks of three operators: macro sites, lamp posts and masts around the centres of the largest units, and what a phone measures at a place.
/// Propagation is UMa, UMi and RMa of TR 38.901; line of sight and shadowing are functions of seed and position.
/// </summary>
public sealed class RadioNetwork
{
    public const int SectorsPerSite = SitePlanner.SectorsPerSite;

    /// <summary>Sites of a unit before another one gets any.</summary>
    public const int DemoSitesPerCity = 9;

    /// <summary>Phones stay within this distance of a unit's centre, m; further out the search is slower.</summary>
    private const double Around = 12_000;

    /// <summary>What a phone shows where every cell is out, dBm.</summary>
    private const double NoSignal = -140;

    private readonly CellConditions _conditions;
    private readonly Dictionary<string, RadioCell> _byNcgi = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Unit, string Operator), RadioSite[]> _near = [];
    private readonly Dictionary<string, RadioSite[]> _byOperator = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Unit, string Operator), double> _extents = [];

    /// <param name="sites">Sites of all operators and units together; each has three cells.</param>
    /// <param name="sitesPerCity">Sites of a unit before another one gets any; with more than 9, lamp posts and masts are among them.</param>
    public RadioNetwork(int seed, IReadOnlyList<UnitInfo> units, int sites, CityConditions? conditions = null, int sitesPerCity = DemoSitesPerCity)
    {
        // The largest unit of each region first: a small demonstration has 5G in all of them.
        units = [.. units.GroupBy(u => u.Region).Select(g => g.First()), .. units.GroupBy(u => u.Region).SelectMany(g => g.Skip(1))];
        var cities = Math.Clamp(Math.Max(sites / sitesPerCity, units.Select(u => u.Region).Distinct().Count()), 1, Math.Max(1, Math.Min(units.Count, sites)));
        Sites = SitePlanner.Plan(seed, units, cities, sites);
        Cells = [.. Sites.SelectMany(s => s.Cells)];
        Cities = [.. units.Take(cities).Where(u => Sites.Any(s => s.Unit == u))];
        Neighbours = new(Sites);
        _conditions = new(conditions ?? CityConditions.Calm, Sites, Neighbours);
        foreach (var cell in Cells) _byNcgi.Add(cell.Ncgi, cell);
        foreach (var group in Sites.GroupBy(s => s.Operator.Name)) _byOperator.Add(group.Key, [.. group]);
        foreach (var group in Sites.GroupBy(s => (s.Unit.Code, s.Operator.Name)))
        {
            var unit = group.First().Unit;
            _near.Add(group.Key, [.. _byOperator[group.Key.Name].Where(s => Geodesy.Distance(unit.Latitude, unit.Longitude, s.Latitude, s.Longitude) < Around + s.Model.Reach)]);
            _extents.Add(group.Key, group.Max(s => Geodesy.Distance(unit.Latitude, unit.Longitude, s.Latitude, s.Longitude)));
        }
    }

    public IReadOnlyList<RadioSite> Sites { get; }

    public IReadOnlyList<RadioCell> Cells { get; }

    /// <summary>Units with 5G.</summary>
    public IReadOnlyList<UnitInfo> Cities { get; }

    public CellNeighbours Neighbours { get; }

    /// <summary>Operators with cells in a unit.</summary>
    public IReadOnlyList<MobileOperator> OperatorsIn(UnitInfo unit) => [.. MobileOperator.All.Where(o => _near.ContainsKey((unit.Code, o.Name)))];

    /// <summary>How far from a unit's centre an operator has sites, m.</summary>
    public double Extent(MobileOperator owner, UnitInfo unit) => _extents[(unit.Code, owner.Name)];

    /// <summary>Share of a cell's resource blocks in use, with what scenarios do: crowds, and the users of neighbours that are lost.</summary>
    public double Load(RadioCell cell, DayTime time) => Load(cell, time.UnixMs, time.Hour, time.Activity);

    /// <summary>True while the cell neither radiates nor reports.</summary>
    public bool IsOut(string ncgi, long ms) => _byNcgi.TryGetValue(ncgi, out var cell) && IsOut(cell, ms);

    /// <summary>True while the cell neither radiates nor reports.</summary>
    public bool IsOut(RadioCell cell, long ms) => _conditions.IsOut(cell, ms);

    /// <summary>True while the cell radiates but carries nobody.</summary>
    public bool IsAsleep(RadioCell cell, long ms) => _conditions.IsAsleep(cell, ms);

    /// <summary>True while two neighbours of the cell send the same PCI on its carrier.</summary>
    public bool IsConfused(RadioCell cell, long ms) => _conditions.IsConfused(cell, ms);

    /// <summary>The PCI that the cell sends: its own, or that of another cell while they are confused.</summary>
    public int Pci(RadioCell cell, DayTime time) => _conditions.Pci(cell, time.UnixMs);

    /// <summary>What is wrong with the network and when: the truth for checks of coverage and cells.</summary>
    public IReadOnlyList<RadioProblem> Problems() => [.. _conditions.Problems(Cities)];

    /// <summary>What a phone of an operator measures of the strongest cell, in a unit that the operator serves: the coverage to expect.</summary>
    public RadioSample Measure(MobileOperator owner, UnitInfo unit, double latitude, double longitude, DayTime time)
    {
        var received = new List<CellPower>();
        Scan(owner, unit, latitude, longitude, time, received);

        // Where every cell is out, a phone shows one of the city, without signal.
        var best = new CellPower(_near[(unit.Code, owner.Name)][0].Cells[0], NoSignal);
        foreach (var one in received)
        {
            if (one.Rsrp > best.Rsrp) best = one;
        }

        return Quality(best, received, time);
    }

    /// <summary>All cells of an operator that reach a place.</summary>
    /// <param name="received">Is cleared and filled, in the order of the network.</param>
    public void Scan(MobileOperator owner, UnitInfo unit, double latitude, double longitude, DayTime time, List<CellPower> received)
    {
        received.Clear();
        var ms = time.UnixMs;
        var extra = _conditions.Any ? _conditions.Extra(latitude, longitude, ms) : 0;
        var inside = Geodesy.Distance(unit.Latitude, unit.Longitude, latitude, longitude) < Around;
        foreach (var site in inside ? _near[(unit.Code, owner.Name)] : _byOperator[owner.Name])
        {
            if (!RadioPath.TryFind(site, latitude, longitude, out var path)) continue;
            foreach (var cell in site.Cells)
            {
                if (_conditions.Any && _conditions.IsOut(cell, ms)) continue;
                received.Add(new(cell, Power(cell, path, ms) + extra));
            }
        }
    }

    /// <summary>SS-RSRP of a cell at a place, dBm; negative infinity beyond reach.</summary>
    /// <param name="ms">Unix milliseconds; what scenarios do then counts.</param>
    public double Power(RadioCell cell, double latitude, double longitude, long ms = 0) =>
        _conditions.IsOut(cell, ms) || !RadioPath.TryFind(cell.Site, latitude, longitude, out var path)
            ? double.NegativeInfinity
            : Power(cell, path, ms) + (_conditions.Any ? _conditions.Extra(latitude, longitude, ms) : 0);

    /// <summary>What a phone makes of a cell among all those that it receives.</summary>
    public RadioSample Quality(CellPower serving, IReadOnlyList<CellPower> received, DayTime time)
    {
        double hour = time.Hour, activity = time.Activity;
        double interference = 0, noise = Linear(serving.Cell.Carrier.Noise);
        foreach (var (cell, rsrp) in received)
        {
            // Other carriers do not disturb, and what is 20 dB below the noise adds a hundredth of it.
            if (cell == serving.Cell || cell.Carrier != serving.Cell.Carrier || rsrp < cell.Carrier.Noise - 20) continue;
            interference += Load(cell, time.UnixMs, hour, activity) * Linear(rsrp);
        }

        var load = Load(serving.Cell, time.UnixMs, hour, activity);
        var signal = Linear(serving.Rsrp);
        var sinr = 10 * Math.Log10(signal / (interference + noise));

        // RSRQ = N·RSRP/RSSI: per resource block, twelve elements of own traffic, interference and noise.
        var rsrq = 10 * Math.Log10(signal / (12 * ((signal * (0.15 + (0.85 * load))) + interference + noise)));
        var rank = ChannelQuality.Rank(sinr);
        return new(
            serving.Cell, serving.Rsrp, rsrq, sinr, ChannelQuality.Cqi(sinr), rank, ChannelQuality.DownKbps(serving.Cell.Carrier, sinr, rank, load),
            ChannelQuality.UpKbps(serving.Cell.Carrier, sinr, serving.Rsrp, load));
    }

    private double Power(RadioCell cell, in RadioPath path, long ms)
    {
        var (azimuth, mechanical, electrical) = _conditions.Any ? _conditions.AntennaOf(cell, ms) : (cell.Azimuth, cell.MechanicalTilt, cell.ElectricalTilt);
        return cell.Site.Epre + Antenna.Gain(path.Bearing - azimuth, path.Zenith, mechanical, electrical, cell.Site.Model.Elements) - path.Loss;
    }

    private double Load(RadioCell cell, long ms, double hour, double activity) => _conditions.Any ? _conditions.Load(cell, ms, hour, activity) : cell.Load(hour, activity);

    private static double Linear(double db) => Math.Pow(10, db / 10);
}
