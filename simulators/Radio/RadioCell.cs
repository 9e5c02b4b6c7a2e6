using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>One 5G cell: a sector of a site.</summary>
/// <param name="SiteIndex">Number of the site; the sectors of a site share shadowing.</param>
/// <param name="Azimuth">Boresight, degrees from north.</param>
/// <param name="Busy">How busy the cell is at the busiest time, 0 to 1.</param>
public sealed record RadioCell(
    MobileOperator Operator, UnitInfo Unit, int SiteIndex, int Sector, string Ncgi, int Pci, double Latitude, double Longitude, double Azimuth, double Busy)
{
    /// <summary>Share of its resource blocks in use, 0.03 to 0.98: the day's activity with a slow wave of its own.</summary>
    public double Load(DayTime time)
    {
        var wave = 0.1 * Math.Sin((2 * Math.PI * time.Hour / 1.7) + (SiteIndex * 1.3) + Sector);
        return Math.Clamp((Busy * (0.1 + (0.9 * time.Activity))) + (wave * Busy), 0.03, 0.98);
    }
}
