using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>A site: a place with one carrier of one operator and three sectors.</summary>
public sealed class RadioSite
{
    private readonly ulong _sightSeed;

    internal RadioSite(int seed, int index, MobileOperator owner, UnitInfo unit, SiteType type, double latitude, double longitude)
    {
        (Index, Operator, Unit, Type, Latitude, Longitude) = (index, owner, unit, type, latitude, longitude);
        Model = SiteModel.Of(type);
        Carrier = type == SiteType.Rural && owner.Wide is { } wide ? wide : owner.Main;
        Power = SiteModel.Power(type, Carrier);
        Epre = Carrier.Epre(Power);
        var random = SeededRandom.For(seed, $"radio/{index}");
        Shadowing = new(random);
        EastMetres = Geodesy.MetresPerDegree * Math.Cos(latitude * (Math.PI / 180));
        _sightSeed = SeededRandom.Mix(((ulong)(uint)seed << 32) ^ (uint)index);
    }

    /// <summary>Number of the site in the network, from 0.</summary>
    public int Index { get; }

    public MobileOperator Operator { get; }

    public UnitInfo Unit { get; }

    public SiteType Type { get; }

    public Carrier Carrier { get; }

    public double Latitude { get; }

    public double Longitude { get; }

    /// <summary>Height of the antennas, m.</summary>
    public double Height => Model.Height;

    /// <summary>Transmit power of a cell over the whole carrier, dBm.</summary>
    public double Power { get; }

    /// <summary>Its cells, in the order of their sectors.</summary>
    public IReadOnlyList<RadioCell> Cells { get; internal set; } = [];

    internal SiteModel Model { get; }

    /// <summary>Metres of a degree of longitude.</summary>
    internal double EastMetres { get; }

    /// <summary>Power of a resource element before the antenna, dBm.</summary>
    internal double Epre { get; }

    /// <summary>The sectors of a site share it; those of other sites are independent.</summary>
    internal Shadowing Shadowing { get; }

    /// <summary>A number in [0, 1) that belongs to the square of a place; below the probability of line of sight, there is one.</summary>
    internal double SightDraw(double east, double north)
    {
        var (x, y) = ((long)Math.Floor(east / Model.SightTile), (long)Math.Floor(north / Model.SightTile));
        return SeededRandom.Unit(SeededRandom.Mix(_sightSeed ^ SeededRandom.Mix(((ulong)x * 0x9E3779B97F4A7C15UL) + (ulong)y)));
    }
}
