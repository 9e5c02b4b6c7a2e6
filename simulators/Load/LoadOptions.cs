using System.Net;
using SmartCity.Contracts;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>What the load driver sends.</summary>
public sealed record LoadOptions
{
    // A broker that thousands connect to at once may take a while for each.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public Uri Url { get; init; } = new("mqtt://localhost:1883");

    /// <summary>PEM file of the authorities that may sign the broker's certificate; null: those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>Instead of one in <see cref="Url"/>; null: none.</summary>
    public string? UserName { get; init; }

    public string? Password { get; init; }

    public int Connections { get; init; } = 16;

    /// <summary>Addresses of this machine that connections come from, in turn; empty: the system chooses.</summary>
    public IReadOnlyList<IPAddress> Sources { get; init; } = [];

    /// <summary>QoS 1 and 2 messages without an acknowledgement, per connection.</summary>
    public int InFlight { get; init; } = 64;

    public MqttQoS QoS { get; init; } = MqttQoS.AtLeastOnce;

    public MqttProtocolVersion Version { get; init; } = MqttProtocolVersion.V500;

    /// <summary>Messages a second over all connections, whatever the broker does (open loop); null: as fast as it acknowledges (closed loop).</summary>
    public double? Rate { get; init; }

    /// <summary>Bytes of one JSON payload; at least <see cref="LoadPayload.MinimumSize"/>.</summary>
    public PayloadSizes PayloadSize { get; init; } = 60;

    /// <summary>Connections that subscribe to the topics of the run and measure from end to end; 0: none.</summary>
    public int Subscribers { get; init; }

    /// <summary>Messages in total over all connections; 0: as many as fit <see cref="Duration"/>.</summary>
    public long Messages { get; init; }

    /// <summary>How long to send when <see cref="Messages"/> is 0.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Keys (devices, a topic each) in total.</summary>
    public int Keys { get; init; } = 1000;

    /// <summary>Exponent s of Zipf's law: the key of rank k is chosen with a probability in proportion to k^-s; null: all keys equally.</summary>
    public double? Zipf { get; init; }

    /// <summary>How long to wait for missing acknowledgements after the last message.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long nothing must arrive at the subscribers until what is missing counts as lost; at most <see cref="DrainTimeout"/>.</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Checks the values; the message of the exception says what to write instead.</summary>
    /// <exception cref="ArgumentException">A value makes no sense.</exception>
    public void Validate()
    {
        if (Connections < 1) throw new ArgumentException("--connections must be at least 1.");
        if (InFlight is < 1 or > 32_767) throw new ArgumentException("--in-flight must be 1 to 32767.");
        if (PayloadSize.Smallest < LoadPayload.MinimumSize || PayloadSize.Largest > 200_000)
        {
            throw new ArgumentException($"--payload-bytes must be {LoadPayload.MinimumSize} to 200000: fewer have no room for ts, seq and a value.");
        }

        if (Messages < 0) throw new ArgumentException("--messages must not be negative.");
        if (Messages == 0 && Duration <= TimeSpan.Zero) throw new ArgumentException("--duration must be positive, unless --messages is given.");
        if (Keys is < 1 or > 10_000_000) throw new ArgumentException("--keys must be 1 to 10000000.");
        if (Rate is { } rate && rate is not (> 0 and <= 10_000_000)) throw new ArgumentException("--rate must be more than 0 and at most 10000000 messages a second.");
        if (Zipf is { } s && s is not (> 0 and <= 10)) throw new ArgumentException("--zipf must be more than 0 and at most 10, for example 1.1; leave it out for keys that are all chosen equally.");
        MqttEndpoint.CheckCaFile(Url, CaFile);
        if (Password is not null && UserName is null && Version == MqttProtocolVersion.V311) throw new ArgumentException("MQTT 3.1.1 has no password without a user name; add --user.");
        var units = Geography.Default.Units.Count;
        if (Subscribers < 0 || Subscribers > Math.Min(units, Keys)) throw new ArgumentException($"--subscribers must be 0 to {Math.Min(units, Keys)}: each has the topics of at least one unit ({units}) and key.");
        var planned = Messages > 0 ? Messages : Rate is { } r ? r * Duration.TotalSeconds : 0;
        if (Subscribers > 0 && planned > LoadPayload.Most)
            throw new ArgumentException($"--subscribers can tell {LoadPayload.Most} messages of a run apart, and this one would have more; write a smaller --messages, --rate or --duration, or leave --subscribers out.");
        SystemLimits.Check(Connections + Subscribers, Sources.Count);
    }

    /// <summary>Options of one connection.</summary>
    /// <param name="index">Of the connection; decides where it comes from.</param>
    internal MqttClientOptions Client(string clientId, int index)
    {
        var options = new MqttClientOptions
        {
            ClientId = clientId,
            Version = Version,
            CaFile = CaFile,
            LocalAddress = Sources.Count == 0 ? null : Sources[index % Sources.Count],
            ConnectTimeout = s_patience,
        }.WithUrl(Url);
        return UserName is null && Password is null ? options : options with { UserName = UserName ?? options.UserName, Password = Password ?? options.Password };
    }
}
