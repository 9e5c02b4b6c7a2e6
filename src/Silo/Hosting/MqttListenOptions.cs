using System.Net;

namespace SmartCity.Silo;

/// <summary>Where MQTT listens: addresses, ports, TLS, WebSocket. Read from the configuration section <c>Mqtt</c>.</summary>
public sealed class MqttListenOptions
{
    /// <summary>Addresses of encrypted listeners, and of plain ones that may be reached from other machines.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; private init; } = [];

    /// <summary>Addresses of listeners without TLS: those of <see cref="Addresses"/>, or loopback when plain text is not allowed to leave the machine.</summary>
    public IReadOnlyList<IPAddress> PlainAddresses { get; private init; } = [];

    /// <summary>Port of plain MQTT; 0 = none.</summary>
    public int Port { get; private init; }

    /// <summary>Port of plain MQTT over WebSocket, beside the path of the HTTP port; 0 = none.</summary>
    public int WebSocketPort { get; private init; }

    /// <summary>Origins whose pages may connect, beside the server's own.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; private init; } = [];

    public TlsOptions Tls { get; } = new();

    /// <summary>Reads and checks the section.</summary>
    /// <param name="loopback">The loopback addresses of this machine.</param>
    /// <param name="isAccessRequired">Whether clients must prove who they are.</param>
    /// <param name="allowPlainText">Whether passwords may cross the network unencrypted.</param>
    /// <exception cref="StartupException">A key cannot be used.</exception>
    public static MqttListenOptions Read(IConfiguration configuration, IReadOnlyList<IPAddress> loopback, bool isAccessRequired, bool allowPlainText)
    {
        var tls = new TlsOptions();
        configuration.GetSection("Mqtt:Tls").Bind(tls);
        if (tls.Validate() is { } problem) throw new StartupException(problem);
        var addresses = ReadAddresses(configuration["Mqtt:Address"], loopback);
        var outside = addresses.FirstOrDefault(a => !IPAddress.IsLoopback(a));
        if (outside is not null && !isAccessRequired)
            throw new StartupException($"Mqtt:Address is {outside}: listening beyond this machine needs authentication. Write Access:Mode=Required (and add devices with 'access add'), or use 127.0.0.1 or ::1.");
        if (outside is not null && !allowPlainText && !tls.IsOn)
            throw new StartupException($"Mqtt:Address is {outside}: beyond this machine passwords need TLS. Write the server's certificate in Mqtt:Tls:Certificate, or accept plain text on a network you trust with Access:AllowPlainText=true.");
        var port = ReadPort(configuration, "Mqtt:Port", 1883);
        if (port == 0 && !tls.IsOn && configuration["Broker:Url"] is null)
            throw new StartupException("Mqtt:Port is 0, and there is no TLS listener and no Broker:Url either; write a port number, a certificate in Mqtt:Tls:Certificate, or a broker to read from.");
        var options = new MqttListenOptions
        {
            Addresses = addresses,
            PlainAddresses = outside is null || allowPlainText ? addresses : loopback,
            Port = port,
            WebSocketPort = ReadPort(configuration, "Mqtt:WebSocketPort", 0),
            AllowedOrigins = [.. Origins(configuration["Mqtt:AllowedOrigins"])],
        };
        configuration.GetSection("Mqtt:Tls").Bind(options.Tls);
        return options;
    }

    private static int ReadPort(IConfiguration configuration, string key, int fallback)
    {
        if (configuration[key] is not { } text) return fallback;
        return int.TryParse(text, out var port) && port is >= 0 and <= 65535
            ? port : throw new StartupException($"{key} is '{text}'; write a port number from 1 to 65535, such as {Math.Max(fallback, 1884)}, or 0 for none.");
    }

    private static List<IPAddress> ReadAddresses(string? text, IReadOnlyList<IPAddress> loopback)
    {
        if (text is not { Length: > 0 }) return [.. loopback];
        var addresses = new List<IPAddress>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IPAddress.TryParse(part, out var address)) throw new StartupException($"Mqtt:Address names '{part}', which is no IP address; write 127.0.0.1, ::1, or :: for every address of this machine.");
            addresses.Add(address);
        }

        // One listener on :: takes IPv4 too; a second one would find the port taken.
        if (addresses.Contains(IPAddress.IPv6Any)) addresses.RemoveAll(a => a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork);
        return addresses;
    }

    private static IEnumerable<string> Origins(string? text)
    {
        foreach (var origin in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || origin != uri.GetLeftPart(UriPartial.Authority))
                throw new StartupException($"Mqtt:AllowedOrigins names '{origin}', which is no origin; write scheme and host only, such as https://map.example.org.");
            yield return origin;
        }
    }
}
