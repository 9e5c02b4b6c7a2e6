namespace SmartCity.Grains;

/// <summary>The grains that are due in one second.</summary>
internal sealed class DueGrains
{
    public List<IDeviceGrain> Devices { get; } = [];

    public List<ICoverageTileGrain> Tiles { get; } = [];

    public long OldestPosition { get; set; } = long.MaxValue;

    /// <summary>Moves up to <paramref name="most"/> grains to a list of their own.</summary>
    public DueGrains Split(int most)
    {
        var part = new DueGrains { OldestPosition = OldestPosition };
        Move(Devices, part.Devices, most);
        Move(Tiles, part.Tiles, most - part.Devices.Count);
        return part;
    }

    private static void Move<T>(List<T> from, List<T> to, int most)
    {
        var n = Math.Min(most, from.Count);
        to.AddRange(from.GetRange(from.Count - n, n));
        from.RemoveRange(from.Count - n, n);
    }
}
