namespace SmartCity.Grains;

/// <summary>A reading of a window that is still small: kept as it came, because sixteen readings are smaller than their statistics.</summary>
/// <param name="OffsetMs">Event time minus window start.</param>
/// <param name="Sequence">Low 32 bits of the device's sequence number; −1 without one.</param>
internal readonly record struct RawReading(int OffsetMs, int Sequence, double Value);
