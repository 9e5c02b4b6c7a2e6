namespace SmartCity.Grains;

/// <summary>The grains that are due in one second.</summary>
internal sealed class DueGrains
{
    public List<IDeviceGrain> Devices { get; } = [];

    /// <summary>Oldest positions that the grains hold.</summary>
    public HeldPositions Held;

    /// <summary>Moves up to <paramref name="most"/> grains to a list of their own.</summary>
    public DueGrains Split(int most)
    {
        var n = Math.Min(most, Devices.Count);
        var part = new DueGrains { Held = Held.Clone() };
        part.Devices.AddRange(Devices.GetRange(Devices.Count - n, n));
        Devices.RemoveRange(Devices.Count - n, n);
        return part;
    }
}
