namespace SmartCity.Silo;

/// <summary>A reading as it was measured.</summary>
/// <param name="Time">Event time.</param>
/// <param name="Seq">Low 32 bits of the device's sequence number; null without one.</param>
internal sealed record ReadingItem(DateTimeOffset Time, long? Seq, double Value)
{
    public static ReadingItem From(StoredReading reading) => new(ApiTime.At(reading.EventMs), reading.Sequence == -1 ? null : (uint)reading.Sequence, reading.Value);
}
