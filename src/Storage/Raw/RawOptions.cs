namespace SmartCity.Storage;

/// <summary>Whether readings are kept as they were measured. Configuration section <c>Raw</c>.</summary>
public sealed class RawOptions
{
    /// <summary>Where. Default <see cref="RawStore.None"/>.</summary>
    public RawStore Store { get; set; }

    /// <summary>Days for which the SQLite store keeps them, by their event time; 0: for ever. Default 30. InfluxDB has retention of its own (<c>Influx:Retention:Raw</c>).</summary>
    public int KeepDays { get; set; } = 30;

    /// <summary>
    /// Readings of one window that wait in memory to be stored; a window with more is stored before its end, and once more when it has ended. Default 4096: 64 KiB, which only a metric
    /// with more than 68 readings a second fills in a minute.
    /// </summary>
    public int MaxBlockReadings { get; set; } = 4096;

    /// <summary>Kept in SQLite.</summary>
    public bool InSqlite => (Store & RawStore.Sqlite) != 0;

    /// <summary>Sent to InfluxDB.</summary>
    public bool InInflux => (Store & RawStore.Influx) != 0;

    /// <summary>Says what is wrong with the options, and what would be right; null when nothing is.</summary>
    public string? Validate() => this switch
    {
        { Store: not (RawStore.None or RawStore.Sqlite or RawStore.Influx or RawStore.Both) } => $"Raw:Store is {Store}; write None, Sqlite, Influx or Both.",
        { KeepDays: < 0 or > 36_500 } => $"Raw:KeepDays is {KeepDays}; it must be 0 (for ever) or 1 to 36500 days.",
        { MaxBlockReadings: < 16 or > 1_000_000 } => $"Raw:MaxBlockReadings is {MaxBlockReadings}; use 16 to 1000000.",
        _ => null,
    };
}
