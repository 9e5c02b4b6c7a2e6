using System.Globalization;

namespace SmartCity.Contracts;

/// <summary>A Web Mercator tile.</summary>
/// <param name="Zoom">0 to 22.</param>
[GenerateSerializer, Immutable]
public readonly record struct TileId([property: Id(0)] int Zoom, [property: Id(1)] int X, [property: Id(2)] int Y)
{
    /// <summary>Zoom at which samples are binned: a side of 40075016.7·cos φ/2¹⁷ m, 294 m at 16° N.</summary>
    public const int BaseZoom = 17;

    private const double MaxLatitude = 85.05112878; // atan(sinh π), where the projection becomes square

    /// <summary>The tile that holds a point.</summary>
    public static TileId Of(double latitude, double longitude, int zoom)
    {
        var n = 1 << zoom;
        var phi = Math.Clamp(latitude, -MaxLatitude, MaxLatitude) * Math.PI / 180;
        var x = (int)Math.Floor((longitude + 180) / 360 * n);
        var y = (int)Math.Floor((1 - (Math.Asinh(Math.Tan(phi)) / Math.PI)) / 2 * n);
        return new(zoom, Math.Clamp(x, 0, n - 1), Math.Clamp(y, 0, n - 1));
    }

    /// <summary>Longitude of the western edge, degrees.</summary>
    public double West => (X / (double)(1 << Zoom) * 360) - 180;

    public double East => ((X + 1) / (double)(1 << Zoom) * 360) - 180;

    /// <summary>Latitude of the northern edge, degrees.</summary>
    public double North => LatitudeOf(Y);

    public double South => LatitudeOf(Y + 1);

    /// <summary>The tile above it at a smaller zoom.</summary>
    public TileId Parent(int zoom) => new(zoom, X >> (Zoom - zoom), Y >> (Zoom - zoom));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Zoom}/{X}/{Y}");

    private double LatitudeOf(int y) => Math.Atan(Math.Sinh(Math.PI * (1 - (2 * y / (double)(1 << Zoom))))) * 180 / Math.PI;
}
