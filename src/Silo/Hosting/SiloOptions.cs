using System.Net;
using Microsoft.Extensions.Configuration;
using SmartCity.Gateway;
using SmartCity.Grains;
using SmartCity.Mqtt;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>The configuration of the host, read and checked once at start-up.</summary>
public sealed class SiloOptions
{
    private static readonly IPAddress[] s_loopback =
        System.Net.Sockets.Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];

    /// <summary>Port of the plain MQTT listener (<c>Mqtt:Port</c>).</summary>
    public int MqttPort => Mqtt.Port;

    /// <summary>Port of dashboard and API (<c>Http:Port</c>).</summary>
    public int HttpPort { get; private init; }

    /// <summary>Where MQTT listens (<c>Mqtt</c>).</summary>
    public MqttListenOptions Mqtt { get; private init; } = new();

    /// <summary>Limits of the MQTT broker (<c>Mqtt:Limits</c>).</summary>
    public MqttLimits Limits { get; } = new();

    /// <summary>Who may connect (<c>Access</c>).</summary>
    public AccessOptions Access { get; private init; } = new();

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

    /// <summary>How long rows are kept (<c>Retention</c>).</summary>
    public RetentionOptions Retention { get; } = new();

    /// <summary>Whether readings are kept as they were measured (<c>Raw</c>).</summary>
    public RawOptions Raw { get; } = new();

    /// <summary>The MQTT broker to read from (<c>Broker</c>).</summary>
    public BridgeOptions Broker { get; } = new();

    /// <summary>How grains are hosted (<c>Cluster</c>).</summary>
    public ClusterOptions Cluster { get; } = new();

    /// <summary>
    /// Calls that may wait for one grain. The gateway's may all be for one device; the rest is for ticks, the API and the live hub, and reached only
    /// by something that calls without waiting for answers.
    /// </summary>
    public int MailboxLimit => (int)Math.Min(int.MaxValue, Gateway.MaxOutstanding + 100_000L);

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="StartupException">A key cannot be used; the message says what to write instead.</exception>
    public static SiloOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        try
        {
            SiloKeys.Check(configuration);
            var access = new AccessOptions();
            configuration.GetSection("Access").Bind(access);
            if (access.Jwt.Validate() is { } badJwt) throw new StartupException(badJwt);
            var data = Path.GetFullPath(configuration["Data"] ?? "./data");
            var options = new SiloOptions
            {
                HttpPort = Port(configuration, "Http:Port", 8080),
                Mqtt = MqttListenOptions.Read(configuration, s_loopback, access.Mode == AccessMode.Required, access.AllowPlainText),
                Access = access,
                HttpAddresses = Addresses(configuration, "Http:Address"),
                DataFolder = data,
                Demo = configuration["Demo"] is { } demo && (bool.TryParse(demo, out var on)
                    ? on : throw new StartupException($"Demo is '{demo}'; write --Demo, or Demo=true or Demo=false.")),
                MapStyleUrl = configuration["Map:StyleUrl"],
            };
            configuration.GetSection("Window").Bind(options.Window);
            configuration.GetSection("Gateway").Bind(options.Gateway);
            configuration.GetSection("Intake").Bind(options.Intake);
            configuration.GetSection("Influx").Bind(options.Influx);
            configuration.GetSection("Retention").Bind(options.Retention);
            configuration.GetSection("Raw").Bind(options.Raw);
            configuration.GetSection("Broker").Bind(options.Broker);
            configuration.GetSection("Cluster").Bind(options.Cluster);
            configuration.GetSection("Mqtt:Limits").Bind(options.Limits);
            options.Intake.Folder = Path.Combine(data, "intake");
            options.Gateway.SessionsFolder = Path.Combine(data, "mqtt");
            options.Gateway.MappingFile = Path.Combine(data, "mappings.json");
            options.Broker.IdentityFile = Path.Combine(data, "broker-client-id");
            if ((options.Window.Validate() ?? options.Gateway.Validate() ?? options.Intake.Validate() ?? options.Broker.Validate() ?? options.Cluster.Validate() ?? options.Retention.Validate() ?? options.Raw.Validate() ?? GrainHost.Check(options.Cluster)) is { } problem) throw new StartupException(problem);
            if (options.Cluster.IsShared && options.Retention.WindowDays > 0) throw new StartupException("Retention:WindowDays is for the SQLite store; PostgreSQL keeps everything. Leave Retention:* out.");
            if (options.Cluster.IsShared && options.Raw.Store != RawStore.None) throw new StartupException($"Raw:Store is {options.Raw.Store}; a cluster keeps windows only. Leave Raw:* out.");
            if (options.Raw.InInflux && !options.Influx.Enabled)
                throw new StartupException($"Raw:Store is {options.Raw.Store}, and there is no InfluxDB; set Influx:Url, such as http://127.0.0.1:8086, or write Raw:Store=Sqlite.");
            options.Window.ReadingsPerBlock = options.Raw.Store == RawStore.None ? 0 : options.Raw.MaxBlockReadings;
            options.Gateway.PastDays = options.Retention.WindowDays;
            options.Influx.Validate();
            options.Limits.Validate();
            if (options.Demo && (options.MqttPort == 0 || access.Mode == AccessMode.Required))
                throw new StartupException("Demo needs a plain listener that asks for no password; leave out --Demo, or Access:Mode=Required and Mqtt:Port=0.");
            return options;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new StartupException(exception.Message.Replace("MqttLimits.", "Mqtt:Limits:", StringComparison.Ordinal), exception);
        }
    }

    private static int Port(IConfiguration configuration, string key, int fallback)
    {
        if (configuration[key] is not { } text) return fallback;
        return int.TryParse(text, out var port) && port is > 0 and <= 65535
            ? port : throw new StartupException($"{key} is '{text}'; write a port number from 1 to 65535, such as {fallback}.");
    }

    private static IReadOnlyList<IPAddress> Addresses(IConfiguration configuration, string key)
    {
        if (configuration[key] is not { Length: > 0 } text) return s_loopback;
        var addresses = new List<IPAddress>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IPAddress.TryParse(part, out var address)) throw new StartupException($"{key} names '{part}', which is no IP address; write 127.0.0.1 or ::1.");
            if (!IPAddress.IsLoopback(address))
                throw new StartupException($"{key} is {address}: listening beyond this machine needs authentication, which dashboard and API do not have yet. Use 127.0.0.1 or ::1, and a reverse proxy that authenticates.");
            addresses.Add(address);
        }

        return addresses;
    }
}
