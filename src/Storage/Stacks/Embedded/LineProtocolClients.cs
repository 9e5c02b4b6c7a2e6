using Microsoft.Extensions.Logging;

namespace SmartCity.Storage;

/// <summary>The client that writes to InfluxDB: line protocol over HTTP.</summary>
internal static class LineProtocolClients
{
    public static ILineProtocolClient Create(InfluxOptions options, TimeProvider time, ILogger<InfluxWriter>? logger) => new InfluxWriter(options, time, logger);
}
