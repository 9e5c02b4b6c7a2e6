namespace SmartCity.Simulators;

/// <summary>Sites by squares of about 5 km, for those near a place.</summary>
internal sealed class SiteGrid
{
    private const double SquareDegrees = 0.05;
    private readonly Dictionary<(int X, int Y), List<RadioSite>> _squares = [];

    public SiteGrid()
    {
    }

    public SiteGrid(IEnumerable<RadioSite> sites)
    {
        foreach (var site in sites) Add(site);
    }

    public void Add(RadioSite site)
    {
        var square = SquareOf(site.Latitude, site.Longitude);
        if (!_squares.TryGetValue(square, out var sites)) _squares.Add(square, sites = []);
        sites.Add(site);
    }

    /// <summary>Sites within a distance, with theirs in metres.</summary>
    public IEnumerable<(RadioSite Site, double Metres)> Near(double latitude, double longitude, double metres)
    {
        var (x, y) = SquareOf(latitude, longitude);
        var across = (int)Math.Ceiling(metres / (SquareDegrees * Geodesy.MetresPerDegree * Math.Cos(latitude * Math.PI / 180)));
        for (var dx = -across; dx <= across; dx++)
        {
            for (var dy = -across; dy <= across; dy++)
            {
                if (!_squares.TryGetValue((x + dx, y + dy), out var sites)) continue;
                foreach (var site in sites)
                {
                    var distance = Geodesy.Distance(latitude, longitude, site.Latitude, site.Longitude);
                    if (distance <= metres) yield return (site, distance);
                }
            }
        }
    }

    private static (int X, int Y) SquareOf(double latitude, double longitude) => ((int)Math.Floor(longitude / SquareDegrees), (int)Math.Floor(latitude / SquareDegrees));
}
