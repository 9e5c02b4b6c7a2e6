namespace SmartCity.Grains;

/// <summary>The state of a window that has outgrown raw readings, or that was loaded from the store to be corrected.</summary>
internal sealed class DenseWindow
{
    public WindowAggregate Aggregate { get; init; } = new();

    /// <summary>What came since the last emission, when the window was emitted before; null while everything is new.</summary>
    public WindowAggregate? Delta;

    public SeenReadings Seen;

    /// <summary>
    /// What came since the last emission, as it was measured; null when raw readings are not kept. An instant that the window had before is written as its complement
    /// (<c>~OffsetMs</c>): readings are many, and a flag would cost each of them eight bytes.
    /// </summary>
    public List<RawReading>? Fresh;
}
