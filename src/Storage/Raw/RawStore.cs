namespace SmartCity.Storage;

/// <summary>Where readings are kept as they were measured.</summary>
[Flags]
public enum RawStore
{
    /// <summary>Nowhere: windows are all there is.</summary>
    None = 0,

    /// <summary>In the SQLite store, for <c>Raw:KeepDays</c>.</summary>
    Sqlite = 1,

    /// <summary>In InfluxDB, measurement <c>reading_raw</c>.</summary>
    Influx = 2,

    Both = Sqlite | Influx,
}
