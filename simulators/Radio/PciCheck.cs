namespace SmartCity.Simulators;

/// <summary>Looks for physical cell identities that phones or neighbours cannot tell apart. Only cells on one ARFCN can be mistaken for each other.</summary>
public static class PciCheck
{
    /// <summary>Sectors look at each other when both have the other within this many degrees of their boresight.</summary>
    private const double FacingDegrees = 45;

    /// <summary>Checks what the cells send at a time; without a time, the plan.</summary>
    public static PciReport Run(RadioNetwork network, DayTime? at = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var pci = network.Cells.ToDictionary(c => c, c => at is { } time ? network.Pci(c, time) : c.Pci);
        var collisions = new List<PciClash>();
        var confusions = new List<PciClash>();
        var mod3 = new List<PciClash>();
        foreach (var cell in network.Cells)
        {
            var neighbours = network.Neighbours.Of(cell).ToList();
            foreach (var other in neighbours)
            {
                if (Order(cell, other) >= 0) continue;
                if (pci[cell] == pci[other]) collisions.Add(new(cell, other, null));
                else if (pci[cell] % 3 == pci[other] % 3 && cell.Site != other.Site && Face(cell, other)) mod3.Add(new(cell, other, null));
            }

            foreach (var same in neighbours.GroupBy(n => pci[n]).Where(g => g.Count() > 1))
            {
                var cells = same.OrderBy(c => c.SiteIndex).ThenBy(c => c.Sector).ToList();
                for (var i = 0; i < cells.Count; i++)
                {
                    for (var j = i + 1; j < cells.Count; j++) confusions.Add(new(cells[i], cells[j], cell));
                }
            }
        }

        return new(network.Cells.Count, collisions, confusions, mod3);
    }

    private static int Order(RadioCell a, RadioCell b) => a.SiteIndex != b.SiteIndex ? a.SiteIndex.CompareTo(b.SiteIndex) : a.Sector.CompareTo(b.Sector);

    private static bool Face(RadioCell a, RadioCell b)
    {
        var (east, north) = Geodesy.Offset(a.Latitude, a.Longitude, b.Latitude, b.Longitude);
        var bearing = Geodesy.Bearing(east, north);
        return Math.Abs(Antenna.Wrap(a.Azimuth - bearing)) <= FacingDegrees && Math.Abs(Antenna.Wrap(b.Azimuth - bearing - 180)) <= FacingDegrees;
    }
}
