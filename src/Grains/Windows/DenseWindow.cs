namespace SmartCity.Grains;

/// <summary>The state of a window that has outgrown raw readings, or that was loaded from the store to be corrected.</summary>
internal sealed class DenseWindow
{
    public WindowAggregate Aggregate { get; init; } = new();

    /// <summary>What came since the last emission, when the window was emitted before; null while everything is new.</summary>
    public WindowAggregate? Delta;

    public SeenReadings Seen;
}
