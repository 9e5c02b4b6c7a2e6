using System.Globalization;
using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>Where sites stand, which way their sectors look, how far they are tilted and which PCI they have.</summary>
internal static class SitePlanner
{
    public const int SectorsPerSite = 3;

    /// <summary>Height of a phone in a hand or a car, m.</summary>
    public const double PhoneHeight = 1.5;

    /// <summary>Metres between neighbouring macro sites of one operator, about.</summary>
    private const double MacroSpacing = 1000;

    private const double SmallSpacing = 630;

    /// <summary>Radius of a sunflower's first turn by the distance of its neighbours: as many places in an area as a hexagonal grid has, √(√3/2π).</summary>
    private static readonly double s_turn = Math.Sqrt(Math.Sqrt(3) / (2 * Math.PI));

    /// <summary>Tilts that a motor or a bracket can be set to, degrees.</summary>
    private const double LeastTilt = 2, MostTilt = 12;

    /// <summary>The sites of a network, complete: <paramref name="cities"/> of the units get them in turn, operator by operator.</summary>
    public static List<RadioSite> Plan(int seed, IReadOnlyList<UnitInfo> units, int cities, int sites)
    {
        var plan = new List<RadioSite>(sites);
        var perOperator = (sites + (cities * MobileOperator.All.Count) - 1) / (cities * MobileOperator.All.Count);
        var numbers = new int[perOperator];
        var counts = new int[3];
        for (var ring = 0; ring < perOperator; ring++) numbers[ring] = counts[(int)TypeOf(ring)]++;
        var edge = MacroSpacing * s_turn * Math.Sqrt(counts[(int)SiteType.Macro]);
        for (var site = 0; site < sites; site++)
        {
            var owner = MobileOperator.All[site / cities % MobileOperator.All.Count];
            var ring = site / cities / MobileOperator.All.Count;
            plan.Add(Place(seed, site, owner, units[site % cities], ring, numbers[ring], edge));
        }

        foreach (var carrier in plan.GroupBy(s => s.Carrier.Arfcn))
        {
            var group = carrier.ToList();
            var identities = PciPlanner.Assign(group);
            var grid = new SiteGrid(group);
            foreach (var site in group) site.Cells = Sectors(seed, site, identities[site.Index], NearestMetres(grid, site));
        }

        return plan;
    }

    /// <summary>Of the sites of an operator in a city: three macros first, then of five each a lamp post, a mast and three macros.</summary>
    internal static SiteType TypeOf(int ring) => ring < 3 ? SiteType.Macro : (ring % 5) switch { 3 => SiteType.Small, 4 => SiteType.Rural, _ => SiteType.Macro };

    /// <param name="ring">Number of the site among the operator's in the city; <paramref name="number"/> among those of its type.</param>
    /// <param name="edge">How far macros stand from the centre at most, m.</param>
    private static RadioSite Place(int seed, int index, MobileOperator owner, UnitInfo unit, int ring, int number, double edge)
    {
        var random = SeededRandom.For(seed, $"site/{unit.Code}/{owner.Mnc}/{ring}");
        var type = TypeOf(ring);

        // A sunflower around the centre: even density, without rows. The masts stand outside of the macros.
        var distance = type switch
        {
            SiteType.Small => SmallSpacing * s_turn * Math.Sqrt(number + 0.5),
            SiteType.Rural => edge + 1500 + (1200 * Math.Sqrt(number + 0.5)),
            _ => MacroSpacing * s_turn * Math.Sqrt(number + 0.5),
        };
        distance *= random.Between(0.85, 1.15);
        var angle = (number * 2.399963) + random.Between(-0.4, 0.4) + int.Parse(owner.Mnc, CultureInfo.InvariantCulture);
        var (latitude, longitude) = Geodesy.Move(unit.Latitude, unit.Longitude, distance * Math.Sin(angle), distance * Math.Cos(angle));
        return new(seed, index, owner, unit, type, latitude, longitude);
    }

    private static RadioCell[] Sectors(int seed, RadioSite site, int groupId, double nearestMetres)
    {
        // An operator's sectors look the same three ways everywhere, so that those that face each other differ in N_ID2.
        var turn = SeededRandom.For(seed, $"azimuth/{site.Operator.Mnc}").Between(0, 120);
        var random = SeededRandom.For(seed, $"sectors/{site.Index}");
        var cells = new RadioCell[SectorsPerSite];
        for (var sector = 0; sector < SectorsPerSite; sector++)
        {
            var azimuth = (turn + (120 * sector) + random.Between(-8, 8) + 360) % 360;
            var mechanical = random.Below(3);
            cells[sector] = new(site, sector, groupId, Math.Round(azimuth) % 360, mechanical, Tilt(site, nearestMetres) - mechanical, random.Between(0.35, 0.95));
        }

        return cells;
    }

    /// <summary>Total downtilt, degrees: the beam's upper half-power point lies on the edge of the cell, two thirds of the way to the nearest site.</summary>
    private static double Tilt(RadioSite site, double nearestMetres)
    {
        var edge = Math.Clamp(nearestMetres * 2 / 3, 150, 5000);
        var halfBeam = site.Model.Elements > 2 ? 4 : 0;
        var tilt = (Math.Atan2(site.Height - PhoneHeight, edge) * 180 / Math.PI) + halfBeam;
        return Math.Clamp(Math.Round(tilt), LeastTilt, MostTilt);
    }

    private static double NearestMetres(SiteGrid grid, RadioSite site)
    {
        var nearest = CellNeighbours.FarthestMetres;
        foreach (var (other, metres) in grid.Near(site.Latitude, site.Longitude, CellNeighbours.FarthestMetres))
        {
            if (other != site) nearest = Math.Min(nearest, metres);
        }

        return nearest;
    }
}
