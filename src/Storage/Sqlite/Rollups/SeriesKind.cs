namespace SmartCity.Storage;

/// <summary>What a series is of, and the tables that have its rows.</summary>
internal sealed record SeriesKind(int Code, string Series, string Windows, string Rollups)
{
    public static readonly SeriesKind Device = new(0, "series", "device_window", "device_rollup");
    public static readonly SeriesKind Area = new(1, "area_series", "area_window", "area_rollup");

    /// <summary>By code.</summary>
    public static readonly SeriesKind[] All = [Device, Area];
}
