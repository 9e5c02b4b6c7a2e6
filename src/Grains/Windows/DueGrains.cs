namespace SmartCity.Grains;

/// <summary>The grains that are due in one second.</summary>
internal sealed class DueGrains
{
    public List<IDeviceGrain> Devices { get; } = [];

    public long OldestPosition { get; set; } = long.MaxValue;
}
