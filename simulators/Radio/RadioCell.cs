using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>One 5G cell: a sector of a site.</summary>
public sealed class RadioCell
{
    internal RadioCell(RadioSite site, int sector, int groupId, double azimuth, double mechanicalTilt, double electricalTilt, double busy)
    {
        (Site, Sector, Azimuth, MechanicalTilt, ElectricalTilt, Busy) = (site, sector, azimuth, mechanicalTilt, electricalTilt, busy);
        Pci = (3 * groupId) + sector;

        // gNB id of 24 bits and cell id of 12.
        Ncgi = site.Operator.Ncgi(((0x0A0000L + site.Index) << 12) | (long)(sector + 1));
    }

    public RadioSite Site { get; }

    /// <summary>Number of the sector, 0 to 2; N_ID2 of its PCI.</summary>
    public int Sector { get; }

    public string Ncgi { get; }

    /// <summary>Physical cell identity 3·N_ID1 + N_ID2 (TS 38.211 §7.4.2.1), as planned.</summary>
    public int Pci { get; }

    /// <summary>Boresight as planned, degrees from north.</summary>
    public double Azimuth { get; }

    /// <summary>How far the panel leans forward, degrees.</summary>
    public double MechanicalTilt { get; }

    /// <summary>How far the beam points below the panel's boresight, degrees.</summary>
    public double ElectricalTilt { get; }

    /// <summary>How busy the cell is at the busiest time, 0 to 1.</summary>
    public double Busy { get; }

    public MobileOperator Operator => Site.Operator;

    public UnitInfo Unit => Site.Unit;

    public Carrier Carrier => Site.Carrier;

    public int SiteIndex => Site.Index;

    public double Latitude => Site.Latitude;

    public double Longitude => Site.Longitude;

    /// <summary>Share of its resource blocks in use, 0.03 to 0.98, on a calm day: the day's activity with a slow wave of its own.</summary>
    /// <param name="activity"><see cref="DayTime.Activity"/>, which many cells share.</param>
    internal double Load(double hour, double activity)
    {
        var wave = 0.1 * Math.Sin((2 * Math.PI * hour / 1.7) + (SiteIndex * 1.3) + Sector);
        return Math.Clamp((Busy * (0.1 + (0.9 * activity))) + (wave * Busy), 0.03, 0.98);
    }
}
