using Microsoft.Extensions.Logging;

namespace SmartCity.Simulators;

/// <summary>Log messages of the simulators, events 6000 to 6999.</summary>
internal static partial class SimulatorLog
{
    [LoggerMessage(6000, LogLevel.Information, "Simulating {Devices} devices over {Connections} connections to {Host}:{Port}.")]
    public static partial void CityConnected(this ILogger logger, string host, int port, int devices, int connections);

    [LoggerMessage(6001, LogLevel.Warning, "The simulated city is cut off from {Host}:{Port} and tries again: {Why}")]
    public static partial void CityInterrupted(this ILogger logger, string host, int port, string why);
}
