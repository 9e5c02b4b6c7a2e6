using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>What the load driver sends.</summary>
public sealed record LoadOptions
{
    public Uri Url { get; init; } = new("mqtt://localhost:1883");

    public int Connections { get; init; } = 16;

    /// <summary>QoS 1 and 2 messages without an acknowledgement, per connection.</summary>
    public int InFlight { get; init; } = 64;

    public MqttQoS QoS { get; init; } = MqttQoS.AtLeastOnce;

    public MqttProtocolVersion Version { get; init; } = MqttProtocolVersion.V500;

    /// <summary>Bytes of one JSON payload; at least <see cref="LoadPayload.MinimumSize"/>.</summary>
    public int PayloadSize { get; init; } = 60;

    /// <summary>Messages in total over all connections; 0: as many as fit <see cref="Duration"/>.</summary>
    public long Messages { get; init; }

    /// <summary>How long to send when <see cref="Messages"/> is 0.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Devices in total, spread over the connections.</summary>
    public int Devices { get; init; } = 1000;

    /// <summary>Checks the values; the message of the exception says what to write instead.</summary>
    public void Validate()
    {
        if (Connections < 1) throw new ArgumentException("--connections must be at least 1.");
        if (InFlight is < 1 or > 32_767) throw new ArgumentException("--in-flight must be 1 to 32767.");
        if (PayloadSize is < LoadPayload.MinimumSize or > 200_000) throw new ArgumentException($"--payload must be {LoadPayload.MinimumSize} to 200000 bytes.");
        if (Messages < 0) throw new ArgumentException("--messages must not be negative.");
        if (Messages == 0 && Duration <= TimeSpan.Zero) throw new ArgumentException("--duration must be positive, unless --messages is given.");
        if (Devices < Connections) throw new ArgumentException("--devices must be at least --connections: a device belongs to one connection.");
    }
}
