namespace SmartCity.Storage;

/// <summary>Which write API of InfluxDB is used.</summary>
public enum InfluxApiVersion
{
    /// <summary><see cref="V2"/> when an organisation is configured, <see cref="V3"/> when the token is one of InfluxDB 3 (<c>apiv3_…</c>), otherwise <see cref="V1"/>.</summary>
    Auto,

    /// <summary><c>/write?db=</c>: InfluxDB 1.x, VictoriaMetrics.</summary>
    V1,

    /// <summary><c>/api/v2/write?org=&amp;bucket=</c>: InfluxDB 2.x, InfluxDB Cloud, VictoriaMetrics.</summary>
    V2,

    /// <summary><c>/api/v3/write_lp?db=</c>: InfluxDB 3 Core and Enterprise.</summary>
    V3,
}
