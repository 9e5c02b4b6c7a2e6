using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>What scenarios do to the cells of a network.</summary>
internal sealed class CellConditions
{
    /// <summary>Where a coverage hole is: so many metres east and north of the unit's centre.</summary>
    public const double HoleOffset = 500;

    public const double HoleRadius = 700;

    /// <summary>Loss of the walls around a hole, dB at strength 1.</summary>
    private const double HoleLoss = 60;

    private const int MaxHelpers = 4;

    /// <summary>Share of a lost cell's users that its neighbours reach.</summary>
    private const double TakenFromOutage = 0.8, TakenFromSleeper = 0.5;

    private readonly CityConditions _conditions;
    private readonly CellNeighbours _neighbours;
    private readonly Dictionary<RadioCell, int> _ranks = [];
    private readonly Dictionary<string, List<RadioCell>> _first = new(StringComparer.Ordinal);
    private readonly Dictionary<RadioCell, RadioCell> _twins = [];
    private readonly List<UnitInfo> _cities = [];
    private readonly Dictionary<RadioCell, List<RadioCell>> _helps = []; // cells whose users a cell takes when they are lost
    private readonly bool _cellsCanBeLost;

    public CellConditions(CityConditions conditions, IReadOnlyList<RadioSite> sites, CellNeighbours neighbours)
    {
        (_conditions, _neighbours) = (conditions, neighbours);
        if (!conditions.Any) return;
        foreach (var site in sites)
        {
            // Scenarios name the first sectors of a unit's sites, in the order in which the sites were built.
            if (!_first.TryGetValue(site.Unit.Code, out var first))
            {
                _first.Add(site.Unit.Code, first = []);
                _cities.Add(site.Unit);
            }

            _ranks.Add(site.Cells[0], first.Count);
            first.Add(site.Cells[0]);
        }

        foreach (var (unit, first) in _first)
        {
            var confused = first.Take(conditions.MostCells(ScenarioKind.PciConfusion, unit)).ToList();
            foreach (var cell in confused)
            {
                if (Twin(cell, first.Skip(confused.Count)) is { } twin) _twins.Add(cell, twin);
            }
        }

        _cellsCanBeLost = conditions.Timeline.Any(e => e.Event.Kind is ScenarioKind.CellOutage or ScenarioKind.SleepingCell or ScenarioKind.PowerCut);
        if (!_cellsCanBeLost) return;
        foreach (var cell in sites.SelectMany(s => s.Cells))
        {
            foreach (var helper in Helpers(cell))
            {
                if (!_helps.TryGetValue(helper, out var helped)) _helps.Add(helper, helped = []);
                helped.Add(cell);
            }
        }
    }

    public bool Any => _conditions.Any;

    /// <summary>True while the cell neither radiates nor reports: broken, or its ward has no electricity.</summary>
    public bool IsOut(RadioCell cell, long ms) => _cellsCanBeLost
        && (Affects(ScenarioKind.CellOutage, cell, ms) || _conditions.PowerCut(cell.Unit, cell.Latitude, cell.Longitude, ms) is not null);

    /// <summary>True while the cell radiates but carries nobody.</summary>
    public bool IsAsleep(RadioCell cell, long ms) => _cellsCanBeLost && Affects(ScenarioKind.SleepingCell, cell, ms);

    /// <summary>Share of a cell's blocks in use, with crowds and the users of neighbours that are lost.</summary>
    public double Load(RadioCell cell, long ms, double hour, double activity)
    {
        if (IsOut(cell, ms)) return 0;
        if (IsAsleep(cell, ms)) return 0.03;
        var load = Demand(cell);
        if (_helps.TryGetValue(cell, out var helped))
        {
            foreach (var lost in helped)
            {
                var taken = IsOut(lost, ms) ? TakenFromOutage : IsAsleep(lost, ms) ? TakenFromSleeper : 0;
                if (taken > 0) load += taken * Demand(lost) / MaxHelpers;
            }
        }

        return Math.Min(0.98, load);

        double Demand(RadioCell of) => of.Load(hour, activity) + (0.6 * _conditions.Crowd(of.Unit.Code, ms));
    }

    /// <summary>Azimuth and tilts of the antenna that the cell is connected to, degrees: while feeders are exchanged, those of the next sector; while it overshoots, without tilt.</summary>
    public (double Azimuth, double Mechanical, double Electrical) AntennaOf(RadioCell cell, long ms)
    {
        var at = cell;
        if (cell.Sector < 2 && Affects(ScenarioKind.SwappedSectors, cell.Site.Cells[0], ms)) at = cell.Site.Cells[1 - cell.Sector];
        return Affects(ScenarioKind.OvershootingTilt, cell, ms) ? (at.Azimuth, 0, 0) : (at.Azimuth, at.MechanicalTilt, at.ElectricalTilt);
    }

    /// <summary>The PCI that the cell sends.</summary>
    public int Pci(RadioCell cell, long ms) => Affects(ScenarioKind.PciConfusion, cell, ms) && _twins.TryGetValue(cell, out var twin) ? twin.Pci : cell.Pci;

    /// <summary>True while two neighbours of the cell send the same PCI, so that a handover may go to the wrong one.</summary>
    public bool IsConfused(RadioCell cell, long ms)
    {
        foreach (var (one, twin) in _twins)
        {
            if (cell != one && cell != twin && _neighbours.Are(cell.Site, one.Site) && _neighbours.Are(cell.Site, twin.Site) && Affects(ScenarioKind.PciConfusion, one, ms)) return true;
        }

        return false;
    }

    /// <summary>What weather and walls take at a place, dB (0 or negative): those of the city whose centre is nearest, whoever measures.</summary>
    public double Extra(double latitude, double longitude, long ms)
    {
        var unit = NearestCity(latitude, longitude);
        var extra = -4 * Math.Min(1, _conditions.Sum(ScenarioKind.Typhoon, unit.Code, ms));
        var hole = _conditions.Strongest(ScenarioKind.CoverageHole, unit.Code, ms);
        if (hole <= 0) return extra;
        var (east, north) = Geodesy.Offset(unit.Latitude, unit.Longitude, latitude, longitude);
        return Math.Pow(east - HoleOffset, 2) + Math.Pow(north - HoleOffset, 2) < HoleRadius * HoleRadius ? extra - (HoleLoss * Math.Min(1, hole)) : extra;
    }

    /// <summary>All problems of the run, in the order of the scenarios.</summary>
    public IEnumerable<RadioProblem> Problems(IReadOnlyList<UnitInfo> units)
    {
        foreach (var (happening, fromMs, toMs, places) in _conditions.Timeline)
        {
            foreach (var unit in units)
            {
                if (places?.Contains(unit.Code) == false || !_first.TryGetValue(unit.Code, out var first)) continue;
                if (happening.Kind == ScenarioKind.CoverageHole)
                {
                    var (latitude, longitude) = Geodesy.Move(unit.Latitude, unit.Longitude, HoleOffset, HoleOffset);
                    yield return new("coverage-hole", happening.Name, unit.Code, [], latitude, longitude, HoleRadius, fromMs, toMs);
                }

                if (happening.Kind == ScenarioKind.PowerCut)
                {
                    foreach (var site in first.Select(c => c.Site).Where(s => CityConditions.WardOf(s.Unit, s.Latitude, s.Longitude) == happening.Ward))
                        yield return Of("cell-outage", site.Cells);
                }

                foreach (var cell in first.Take(happening.Cells))
                {
                    IReadOnlyList<RadioCell> both = [cell, cell.Site.Cells[1]];
                    if (happening.Kind == ScenarioKind.CellOutage) yield return Of("cell-outage", [cell]);
                    if (happening.Kind == ScenarioKind.SleepingCell) yield return Of("sleeping-cell", [cell]);
                    if (happening.Kind == ScenarioKind.SwappedSectors) yield return Of("swapped-sectors", both);
                    if (happening.Kind == ScenarioKind.OvershootingTilt) yield return Of("overshoot", [cell]);
                    if (happening.Kind != ScenarioKind.PciConfusion || !_twins.TryGetValue(cell, out var twin)) continue;
                    yield return Of("pci-confusion", [cell, twin]);
                    if (_neighbours.Are(cell.Site, twin.Site)) yield return Of("pci-collision", [cell, twin]);
                }

                RadioProblem Of(string kind, IReadOnlyList<RadioCell> cells) =>
                    new(kind, happening.Name, unit.Code, [.. cells.Select(c => c.Ncgi)], cells[0].Latitude, cells[0].Longitude, null, fromMs, toMs);
            }
        }
    }

    /// <summary>
    /// The cell whose PCI a confused cell sends: the nearest of its carrier and sector that is no neighbour but has one in common, so that nothing but that neighbour
    /// is confused. Where a city has so few sites that all are neighbours the nearest one, and then the two collide as well.
    /// </summary>
    /// <param name="others">Cells whose own PCI no event changes, so that the pair is the same for the whole run.</param>
    private RadioCell? Twin(RadioCell cell, IEnumerable<RadioCell> others)
    {
        RadioCell? best = null;
        var bestKey = (Touches: true, Metres: double.PositiveInfinity);
        foreach (var other in others)
        {
            if (other.Operator != cell.Operator || other.Carrier != cell.Carrier) continue;
            var touches = _neighbours.Are(cell.Site, other.Site);
            if (!touches && !_neighbours.Of(cell.Site).Any(s => _neighbours.Are(s, other.Site))) continue;
            var key = (touches, Geodesy.Distance(cell.Latitude, cell.Longitude, other.Latitude, other.Longitude));
            if (key.CompareTo(bestKey) < 0) (best, bestKey) = (other, key);
        }

        return best;
    }

    private UnitInfo NearestCity(double latitude, double longitude)
    {
        var (nearest, least) = (_cities[0], double.PositiveInfinity);
        foreach (var city in _cities)
        {
            var metres = Geodesy.Distance(city.Latitude, city.Longitude, latitude, longitude);
            if (metres < least) (nearest, least) = (city, metres);
        }

        return nearest;
    }

    /// <summary>The cells that reach best where a cell's users are.</summary>
    private IEnumerable<RadioCell> Helpers(RadioCell cell)
    {
        const double Ahead = 400;
        var turn = cell.Azimuth * Math.PI / 180;
        var (latitude, longitude) = Geodesy.Move(cell.Latitude, cell.Longitude, Ahead * Math.Sin(turn), Ahead * Math.Cos(turn));
        return _neighbours.Of(cell).OrderBy(Effort).ThenBy(c => c.SiteIndex).ThenBy(c => c.Sector).Take(MaxHelpers);

        double Effort(RadioCell from)
        {
            var (east, north) = Geodesy.Offset(from.Latitude, from.Longitude, latitude, longitude);
            var off = Antenna.Wrap(Geodesy.Bearing(east, north) - from.Azimuth) / 90;
            return Math.Sqrt((east * east) + (north * north)) * (1 + (off * off));
        }
    }

    private bool Affects(ScenarioKind kind, RadioCell cell, long ms) => _ranks.TryGetValue(cell, out var rank) && _conditions.Affects(kind, cell, rank, ms);
}
