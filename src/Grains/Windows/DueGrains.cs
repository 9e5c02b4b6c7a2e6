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

    /// <summary>Asks the grains for what has ended. A grain that fails, and there may be others beside it, is asked again in a second.</summary>
    public async Task CloseAsync(long nowMs, WindowSchedule schedule, Action<Exception> onFailed)
    {
        foreach (var (grain, call) in Devices.ConvertAll(grain => (Grain: grain, Call: grain.CloseWindows(nowMs).AsTask())))
        {
            try
            {
                await call;
            }
            catch (Exception exception)
            {
                onFailed(exception);
                schedule.Add(nowMs + 1000, Held, grain);
            }
        }
    }
}
