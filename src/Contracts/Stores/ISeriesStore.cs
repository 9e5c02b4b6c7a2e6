namespace SmartCity.Contracts;

/// <summary>A store of window statistics that can be read back: the port of SQLite and InfluxDB. Writing a row again replaces it.</summary>
public interface ISeriesStore
{
    Task WriteAsync(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas, CancellationToken cancellationToken);

    /// <summary>Rows of a device's metric with <c>from ≤ start &lt; to</c> (Unix milliseconds), ascending by start.</summary>
    Task<IReadOnlyList<SeriesRow>> ReadDeviceAsync(string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken);

    /// <summary>Rows of an area's metric with <c>from ≤ start &lt; to</c> (Unix milliseconds), ascending by start.</summary>
    Task<IReadOnlyList<SeriesRow>> ReadAreaAsync(string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken);
}
