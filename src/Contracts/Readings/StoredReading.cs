namespace SmartCity.Contracts;

/// <summary>A reading as it was measured.</summary>
/// <param name="EventMs">When; Unix milliseconds.</param>
/// <param name="Sequence">
/// Low 32 bits of the device's sequence number; −1 without one. Of a reading that told neither time nor number, those of its place in the intake log.
/// </param>
/// <param name="SharesInstant">True when its window had another reading of the same instant before it: only the sequence tells them apart.</param>
public readonly record struct StoredReading(long EventMs, int Sequence, double Value, bool SharesInstant = false)
{
    /// <summary>Its place in the order of readings.</summary>
    public ReadingMark Mark => new(EventMs, (uint)Sequence);
}
