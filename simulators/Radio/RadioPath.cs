namespace SmartCity.Simulators;

/// <summary>The way from a site to a phone, which its sectors share.</summary>
/// <param name="Loss">Path loss with shadowing, dB.</param>
/// <param name="Bearing">Of the phone, degrees from north.</param>
/// <param name="Zenith">Of the phone, degrees from straight up.</param>
/// <param name="HasSight">True for line of sight.</param>
internal readonly record struct RadioPath(double Loss, double Bearing, double Zenith, bool HasSight)
{
    /// <summary>The formulas of TR 38.901 begin here, m.</summary>
    private const double Nearest = 10;

    /// <summary>False beyond the site's reach.</summary>
    public static bool TryFind(RadioSite site, double latitude, double longitude, out RadioPath path)
    {
        var model = site.Model;
        double east = (longitude - site.Longitude) * site.EastMetres, north = (latitude - site.Latitude) * Geodesy.MetresPerDegree;
        var squared = (east * east) + (north * north);
        if (squared > model.Reach * model.Reach)
        {
            path = default;
            return false;
        }

        var d2 = Math.Max(Nearest, Math.Sqrt(squared));
        var ghz = site.Carrier.CentreGhz;
        var sight = site.SightDraw(east, north) < model.SightProbability(d2);
        var shadow = model.Sigma(d2, ghz, sight) * site.Shadowing.At(east, north, sight ? model.CorrelationSight : model.CorrelationNoSight);
        path = new(
            model.Loss(d2, ghz, sight) + shadow, Geodesy.Bearing(east, north), 90 + (Math.Atan2(model.Height - SitePlanner.PhoneHeight, d2) * (180 / Math.PI)), sight);
        return true;
    }
}
