namespace SmartCity.Grains;

/// <summary>What the drive-test readings of a device add to the coverage, by the window that took them, until a commit takes both.</summary>
internal sealed class PendingCoverage
{
    private const string DriveTestKind = "mdt";
    private const long DayMs = 86_400_000;
    private const long VietnamOffsetMs = 7 * 3_600_000; // UTC+7, no daylight saving

    private readonly Dictionary<OpenWindow, List<(string Tile, CoverageSample Sample)>> _byWindow = [];
    private (string Ncgi, TileId Tile, string Key) _last = (string.Empty, default, string.Empty); // a drive stays in a tile for a while

    /// <summary>The grid on which a reading is counted; null when it says nothing of the coverage.</summary>
    public static ReportingGrid? GridOf(DeviceMessage message, string metric) => message.Stream.Kind == DriveTestKind ? ReportingGrid.Of(metric) : null;

    public void Add(OpenWindow window, DeviceMessage message, ReportingGrid grid, double value)
    {
        var local = message.EventMs + VietnamOffsetMs;
        if (!_byWindow.TryGetValue(window, out var samples)) _byWindow[window] = samples = [];
        samples.Add((KeyOf(message), new(message.Position, local - (local % DayMs) - VietnamOffsetMs, grid.Metric, grid.BinOf(value))));
    }

    /// <summary>Hands over what came with a window since it was last emitted; null when nothing did.</summary>
    public List<(string Tile, CoverageSample Sample)>? Take(OpenWindow window) => _byWindow.Remove(window, out var samples) ? samples : null;

    private string KeyOf(DeviceMessage message)
    {
        var ncgi = message.Ncgi!;
        var tile = TileId.Of(message.Latitude, message.Longitude, TileId.BaseZoom);
        if (tile != _last.Tile || ncgi != _last.Ncgi) _last = (ncgi, tile, $"{ncgi[..ncgi.LastIndexOf('-')]}/{tile}");
        return _last.Key;
    }
}
