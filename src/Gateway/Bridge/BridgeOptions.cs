using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>An MQTT broker that the gateway reads from, beside or instead of its own listener. Configuration section <c>Broker</c>.</summary>
public sealed class BridgeOptions
{
    /// <summary><c>mqtts://host:8883</c>, also <c>mqtt://</c>, <c>ws://</c> and <c>wss://</c>, with <c>user:password@</c> if wanted; null: no broker.</summary>
    public string? Url { get; set; }

    /// <summary>Instead of the one in the address.</summary>
    public string? UserName { get; set; }

    /// <summary>Instead of the one in the address. Never logged.</summary>
    public string? Password { get; set; }

    /// <summary>Comma-separated topic filters. Default <c>city/#</c>.</summary>
    public string Topics { get; set; } = "city/#";

    /// <summary>Highest QoS to be sent with: 0, 1 or 2. Default 1.</summary>
    public int QoS { get; set; } = 1;

    /// <summary>Identifier of the session that the broker keeps. Null: one is made up once and kept in the data folder.</summary>
    public string? ClientId { get; set; }

    /// <summary>Gateways with the same group share the messages (<c>$share/{group}/…</c>); null: this one gets them all.</summary>
    public string? SharedGroup { get; set; }

    /// <summary>Messages that the broker may send without an acknowledgement, 1 to 65535. Default 1024.</summary>
    public int ReceiveMaximum { get; set; } = 1024;

    /// <summary>PEM file of the authorities of the broker's certificate; null: those of the system.</summary>
    public string? CaFile { get; set; }

    /// <summary>PEM file of the gateway's certificate; null: none.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>PEM file of its key; null: in the same file.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary><c>5</c> or <c>3.1.1</c>. Default 5.</summary>
    public string Version { get; set; } = "5";

    /// <summary>Keep-alive in seconds, 0 to 65535. Default 30.</summary>
    public int KeepAliveSeconds { get; set; } = 30;

    /// <summary>How long the broker keeps the session while the gateway is away (v5). Default one day.</summary>
    public TimeSpan SessionExpiry { get; set; } = TimeSpan.FromDays(1);

    /// <summary>First bound of the random delay before the next attempt. Default 0.5 s.</summary>
    public TimeSpan MinReconnectDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Last bound. Default 30 s.</summary>
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>File with the identifier that was made up. Set by the host.</summary>
    public string IdentityFile { get; set; } = "data/broker-client-id";

    /// <summary>The topic filters, with the group where there is one.</summary>
    public IReadOnlyList<string> Filters =>
        [.. Topics.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(t => string.IsNullOrEmpty(SharedGroup) ? t : $"$share/{SharedGroup}/{t}")];

    /// <summary>Says what is wrong with the options, and what would be right; null when nothing is.</summary>
    public string? Validate()
    {
        if (Url is null) return null;
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url)) return "Broker:Url is not an address; write mqtts://host:8883, or mqtt://user:password@host:1883.";
        try
        {
            new MqttClientOptions().WithUrl(url);
        }
        catch (ArgumentException e)
        {
            return "Broker:Url: " + e.Message;
        }

        return this switch
        {
            { QoS: < 0 or > 2 } => $"Broker:QoS is {QoS}; write 0, 1 or 2.",
            { ReceiveMaximum: < 1 or > 65_535 } => $"Broker:ReceiveMaximum is {ReceiveMaximum}; write 1 to 65535.",
            { Version: not ("5" or "3.1.1") } => $"Broker:Version is '{Version}'; write 5 or 3.1.1.",
            { KeepAliveSeconds: < 0 or > 65_535 } => $"Broker:KeepAliveSeconds is {KeepAliveSeconds}; write 0 to 65535.",
            _ when SessionExpiry <= TimeSpan.Zero => $"Broker:SessionExpiry is {SessionExpiry}; without a session messages are lost while the gateway is away. Write a time span, such as 1.00:00:00.",
            _ when MinReconnectDelay <= TimeSpan.Zero || MaxReconnectDelay < MinReconnectDelay =>
                $"Broker:MinReconnectDelay is {MinReconnectDelay} and Broker:MaxReconnectDelay {MaxReconnectDelay}; write time spans above zero, the first not above the second.",
            { Filters.Count: 0 } => "Broker:Topics is empty; write topic filters with commas between, such as city/#.",
            _ when SharedGroup is { Length: > 0 } group && group.AsSpan().ContainsAny('/', '+', '#') => $"Broker:SharedGroup is '{group}'; write a name without / + #.",
            _ => Filters.Select(f => MqttTopic.CheckFilter(System.Text.Encoding.UTF8.GetBytes(f)) is { } wrong ? $"Broker:Topics has '{f}': {wrong.Message}" : null).FirstOrDefault(p => p is not null),
        };
    }
}
