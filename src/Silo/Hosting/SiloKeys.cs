using System.ComponentModel;
using SmartCity.Gateway;
using SmartCity.Grains;
using SmartCity.Mqtt;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>The configuration keys that the host reads, with their types.</summary>
internal static class SiloKeys
{
    // Read by .NET itself.
    private static readonly string[] s_platform = ["Logging:", "environment"];

    private static readonly string[] s_strict = ["Mqtt", "Access", "Broker", "Cluster", "Retention", "Raw", "Influx:Retention"];

    private static readonly Dictionary<string, Type> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Mqtt:Port"] = typeof(int),
        ["Mqtt:Address"] = typeof(string),
        ["Mqtt:WebSocketPort"] = typeof(int),
        ["Mqtt:AllowedOrigins"] = typeof(string),
        ["Http:Port"] = typeof(int),
        ["Http:Address"] = typeof(string),
        ["Data"] = typeof(string),
        ["Demo"] = typeof(bool),
        ["Map:StyleUrl"] = typeof(string),
    };

    static SiloKeys()
    {
        Add<WindowOptions>("Window");
        Add<GatewayOptions>("Gateway");
        Add<IntakeOptions>("Intake");
        Add<InfluxOptions>("Influx");
        Add<InfluxRetentionOptions>("Influx:Retention");
        s_types.Remove("Influx:Retention"); // a section
        Add<RetentionOptions>("Retention");
        Add<RawOptions>("Raw");
        Add<BridgeOptions>("Broker");
        Add<TlsOptions>("Mqtt:Tls");
        Add<MqttLimits>("Mqtt:Limits");
        Add<AccessOptions>("Access");
        Add<JwtOptions>("Access:Jwt");
        Add<ClusterOptions>("Cluster");
        s_types.Remove("Intake:Folder"); // follows Data
        s_types.Remove("Gateway:SessionsFolder"); // the same
        s_types.Remove("Gateway:MappingFile"); // the same
        s_types.Remove("Broker:IdentityFile"); // the same
        s_types.Remove("Gateway:Partitions"); // follows the stack
        s_types.Remove("Window:ReadingsPerBlock"); // follows Raw
        s_types.Remove("Gateway:PastDays"); // follows Retention
        s_types.Remove("Gateway:Number"); // comes from the store
    }

    public static bool IsKnown(string key) =>
        s_types.ContainsKey(key) || s_platform.Any(p => p.EndsWith(':') ? key.StartsWith(p, StringComparison.OrdinalIgnoreCase) : key.Equals(p, StringComparison.OrdinalIgnoreCase));

    /// <summary>Checks that every value can be read as what it must be.</summary>
    /// <exception cref="StartupException">One cannot; the message says what to write.</exception>
    public static void Check(IConfiguration configuration)
    {
        foreach (var (key, type) in s_types)
        {
            if (configuration[key] is not { } text || type == typeof(string) || key == "Demo") continue; // Demo has an answer of its own
            if (!TypeDescriptor.GetConverter(type).IsValid(text) || IsDays(type, text)) throw new StartupException($"{key} is '{text}'; write {(key.EndsWith("Port", StringComparison.OrdinalIgnoreCase) ? "a port number from 1 to 65535" : Advice(type))}.");
        }

        // A misspelt limit or rule in a file or in the environment would leave the door open without a word.
        foreach (var section in s_strict)
        {
            foreach (var (key, value) in configuration.GetSection(section).AsEnumerable())
            {
                if (value is not null && key != section && !IsKnown(key)) throw new StartupException($"{key} is no option{Nearest(key)}; README.md lists them.");
            }
        }
    }

    /// <summary>.NET reads a bare number as days; who writes a timeout of 10 means seconds.</summary>
    private static bool IsDays(Type type, string text) => (type == typeof(TimeSpan) || type == typeof(TimeSpan?)) && !text.Contains(':', StringComparison.Ordinal);

    private static string Nearest(string key)
    {
        var folder = key[..(key.LastIndexOf(':') + 1)];
        var names = s_types.Keys.Where(k => k.StartsWith(folder, StringComparison.OrdinalIgnoreCase)).Select(k => k[folder.Length..]).Where(n => !n.Contains(':', StringComparison.Ordinal));
        return names.Any() ? $". Below {folder.TrimEnd(':')} there are: {string.Join(", ", names)}" : "";
    }

    private static void Add<T>(string section)
    {
        foreach (var property in typeof(T).GetProperties())
        {
            if (property.CanWrite) s_types[$"{section}:{property.Name}"] = property.PropertyType;
        }
    }

    private static string Advice(Type type) => type switch
    {
        _ when type == typeof(bool) || type == typeof(bool?) => "true or false",
        _ when type == typeof(TimeSpan) => "a time span, such as 00:00:30",
        _ when type == typeof(TimeSpan?) => "days, hours, minutes and seconds, such as 30.00:00:00 for 30 days",
        { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(ushort) => "a whole number from 0 to 65535",
        _ => "a number",
    };
}
