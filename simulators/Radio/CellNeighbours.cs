namespace SmartCity.Simulators;

/// <summary>Which cells hand phones over to which: on one carrier, the other sectors of a site and all sectors of the sites that are among each other's nearest.</summary>
public sealed class CellNeighbours
{
    /// <summary>A hexagon has six sides.</summary>
    private const int NearestSites = 6;

    /// <summary>Neighbours are among the sites within this distance, m.</summary>
    internal const double FarthestMetres = 15_000;

    private readonly Dictionary<RadioSite, List<RadioSite>> _sites = [];

    internal CellNeighbours(IReadOnlyList<RadioSite> sites)
    {
        foreach (var site in sites) _sites.Add(site, []);
        foreach (var carrier in sites.GroupBy(s => s.Carrier.Arfcn))
        {
            var grid = new SiteGrid(carrier);
            foreach (var site in carrier)
            {
                foreach (var (other, _) in grid.Near(site.Latitude, site.Longitude, FarthestMetres).Where(n => n.Site != site)
                    .OrderBy(n => n.Metres).ThenBy(n => n.Site.Index).Take(NearestSites))
                {
                    // A neighbour relation goes both ways.
                    if (!_sites[site].Contains(other)) _sites[site].Add(other);
                    if (!_sites[other].Contains(site)) _sites[other].Add(site);
                }
            }
        }
    }

    /// <summary>Neighbours of a cell, without itself.</summary>
    public IEnumerable<RadioCell> Of(RadioCell cell) => cell.Site.Cells.Where(c => c != cell).Concat(_sites[cell.Site].SelectMany(s => s.Cells));

    /// <summary>True when phones are handed over between the sites.</summary>
    internal bool Are(RadioSite site, RadioSite other) => site == other || _sites[site].Contains(other);

    internal IReadOnlyList<RadioSite> Of(RadioSite site) => _sites[site];
}
