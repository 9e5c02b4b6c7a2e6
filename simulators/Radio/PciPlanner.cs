namespace SmartCity.Simulators;

/// <summary>
/// Assigns physical cell identities. The sectors of a site share N_ID1, and N_ID2 is the number of the sector, so neighbours that face each other differ modulo 3
/// (their primary synchronisation signals differ). A site takes the N_ID1 whose nearest user on the same carrier is farthest away.
/// </summary>
internal static class PciPlanner
{
    /// <summary>N_ID1 is 0 to 335 (TS 38.211 §7.4.2.1).</summary>
    private const int Groups = 336;

    /// <summary>Beyond this distance the same identity harms nobody, m.</summary>
    private const double ReuseMetres = 40_000;

    /// <summary>N_ID1 by the site's index; all sites must have the same carrier.</summary>
    public static Dictionary<int, int> Assign(IReadOnlyList<RadioSite> sites)
    {
        var assigned = new Dictionary<int, int>(sites.Count);
        var grid = new SiteGrid();
        var nearest = new double[Groups];
        var next = 0;
        foreach (var site in sites)
        {
            Array.Fill(nearest, double.PositiveInfinity);
            foreach (var (other, metres) in grid.Near(site.Latitude, site.Longitude, ReuseMetres))
            {
                var group = assigned[other.Index];
                nearest[group] = Math.Min(nearest[group], metres);
            }

            // Starting after the last one spreads identities over the country as well.
            var best = next;
            for (var i = 1; i < Groups; i++)
            {
                var group = (next + i) % Groups;
                if (nearest[group] > nearest[best]) best = group;
            }

            assigned.Add(site.Index, best);
            grid.Add(site);
            next = (best + 1) % Groups;
        }

        return assigned;
    }
}
