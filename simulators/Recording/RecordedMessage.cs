namespace SmartCity.Simulators;

/// <summary>One message of a recording.</summary>
/// <param name="ArrivalUs">When it arrived, Unix microseconds.</param>
/// <param name="Topic">UTF-8.</param>
/// <param name="QoS">0 to 2, as it was delivered.</param>
/// <param name="Retain">True for the broker's retained copy.</param>
public readonly record struct RecordedMessage(long ArrivalUs, ReadOnlyMemory<byte> Topic, ReadOnlyMemory<byte> Payload, byte QoS, bool Retain);
