namespace SmartCity.Storage;

/// <summary>Which write API of InfluxDB is used.</summary>
public enum InfluxApiVersion
{
    /// <summary><see cref="V2"/> when an organisation is configured, otherwise <see cref="V1"/>.</summary>
    Auto,

    /// <summary><c>/write?db=</c>: InfluxDB 1.x, VictoriaMetrics.</summary>
    V1,

    /// <summary><c>/api/v2/write?org=&amp;bucket=</c>: InfluxDB 2.x, InfluxDB Cloud, VictoriaMetrics.</summary>
    V2,
}
