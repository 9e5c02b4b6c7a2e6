using Microsoft.Extensions.Logging;

namespace SmartCity.Storage;

/// <summary>The client that writes to InfluxDB: InfluxDB.Client for the v2 API, which is the one that it has; line protocol over HTTP for v1 and v3, and where Influx:CaFile says whom to trust.</summary>
internal static class LineProtocolClients
{
    public static ILineProtocolClient Create(InfluxOptions options, TimeProvider time, ILogger<InfluxWriter>? logger) =>
        options.EffectiveApiVersion == InfluxApiVersion.V2 && string.IsNullOrEmpty(options.CaFile) ? new InfluxClientWriter(options, logger) : new InfluxWriter(options, time, logger);
}
