using System.Net;
using Microsoft.Extensions.Configuration;
using SmartCity.Gateway;
using SmartCity.Grains;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>The configuration of the host, read and checked once at start-up.</summary>
public sealed class SiloOptions
{
    /// <summary>Port of the MQTT listener (<c>Mqtt:Port</c>).</summary>
    public int MqttPort { get; private init; }

    /// <summary>Port of dashboard and API (<c>Http:Port</c>).</summary>
    public int HttpPort { get; private init; }

    /// <summary>Addresses of the MQTT listener (<c>Mqtt:Address</c>, comma-separated); loopback by default.</summary>
    public IReadOnlyList<IPAddress> MqttAddresses { get; private init; } = [];

    /// <summary>Addresses of dashboard and API (<c>Http:Address</c>, comma-separated); loopback by default.</summary>
    public IReadOnlyList<IPAddress> HttpAddresses { get; private init; } = [];

    /// <summary>Folder of everything that is kept (<c>Data</c>).</summary>
    public string DataFolder { get; private init; } = "data";

    /// <summary>Starts the simulated devices (<c>Demo</c>).</summary>
    public bool Demo { get; private init; }

    /// <summary>A MapLibre style that replaces the built-in base map (<c>Map:StyleUrl</c>); null for none.</summary>
    public string? MapStyleUrl { get; private init; }

    public WindowOptions Window { get; } = new();

    public GatewayOptions Gateway { get; } = new();

    public IntakeOptions Intake { get; } = new();

    public InfluxOptions Influx { get; } = new();

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="StartupException">A key cannot be used; the message says what to write instead.</exception>
    public static SiloOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        try
        {
            var data = Path.GetFullPath(configuration["Data"] ?? "./data");
            var options = new SiloOptions
            {
                MqttPort = Port(configuration, "Mqtt:Port", 1883),
                HttpPort = Port(configuration, "Http:Port", 8080),
                MqttAddresses = Addresses(configuration, "Mqtt:Address"),
                HttpAddresses = Addresses(configuration, "Http:Address"),
                DataFolder = data,
                Demo = configuration["Demo"] is { } demo && (bool.TryParse(demo, out var on)
                    ? on : throw new StartupException($"Demo is '{demo}'; write --Demo, or Demo=true or Demo=false.")),
                MapStyleUrl = configuration["Map:StyleUrl"],
            };
            SiloKeys.Check(configuration);
            configuration.GetSection("Window").Bind(options.Window);
            configuration.GetSection("Gateway").Bind(options.Gateway);
            configuration.GetSection("Intake").Bind(options.Intake);
            configuration.GetSection("Influx").Bind(options.Influx);
            options.Intake.Folder = Path.Combine(data, "intake");
            options.Gateway.SessionsFolder = Path.Combine(data, "mqtt");
            if ((options.Window.Validate() ?? options.Gateway.Validate() ?? options.Intake.Validate()) is { } problem) throw new StartupException(problem);
            options.Influx.Validate();
            return options;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new StartupException(exception.Message, exception);
        }
    }

    private static int Port(IConfiguration configuration, string key, int fallback)
    {
        if (configuration[key] is not { } text) return fallback;
        return int.TryParse(text, out var port) && port is > 0 and <= 65535
            ? port : throw new StartupException($"{key} is '{text}'; write a port number from 1 to 65535, such as {fallback}.");
    }

    private static List<IPAddress> Addresses(IConfiguration configuration, string key)
    {
        if (configuration[key] is not { Length: > 0 } text)
            return System.Net.Sockets.Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];
        var addresses = new List<IPAddress>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IPAddress.TryParse(part, out var address)) throw new StartupException($"{key} names '{part}', which is no IP address; write 127.0.0.1 or ::1.");
            if (!IPAddress.IsLoopback(address))
                throw new StartupException($"{key} is {address}: listening beyond this machine needs authentication, which this version does not have yet. Use 127.0.0.1 or ::1, and a reverse proxy that authenticates.");
            addresses.Add(address);
        }

        return addresses;
    }
}
