namespace SmartCity.Contracts;

/// <summary>The areas above the units.</summary>
public static class AreaCodes
{
    public const string Nation = "vn";

    /// <summary>Regions, north to south: Bắc, Trung, Nam.</summary>
    public static IReadOnlyList<string> Regions { get; } = ["bac", "trung", "nam"];
}
