using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>How a recording is played.</summary>
public sealed record ReplayOptions
{
    /// <summary>Broker and credentials.</summary>
    public MqttClientOptions Client { get; init; } = new();

    /// <summary>Times as fast as it was recorded; null: as fast as the broker takes it.</summary>
    public double? Speed { get; init; } = 1;

    /// <summary>Moves <c>ts</c> to now; false: payloads stay as they are.</summary>
    public bool ShiftTime { get; init; } = true;

    /// <summary>For all messages; null: as recorded.</summary>
    public MqttQoS? QoS { get; init; }

    /// <exception cref="ArgumentException">A value makes no sense.</exception>
    public void Validate()
    {
        if (Speed is { } speed && speed is not (> 0 and <= 1e6)) throw new ArgumentException("--speed must be more than 0 and at most 1000000, or max.");
    }
}
