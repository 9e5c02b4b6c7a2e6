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
        // Each call is awaited once, so none needs a task of its own.
#pragma warning disable CA2012
        var calls = new ValueTask[Devices.Count];
        for (var i = 0; i < calls.Length; i++) calls[i] = Devices[i].CloseWindows(nowMs);
#pragma warning restore CA2012
        for (var i = 0; i < calls.Length; i++)
        {
            try
            {
                await calls[i];
            }
            catch (Exception exception)
            {
                onFailed(exception);
                schedule.Add(nowMs + 1000, Held, Devices[i], nowMs);
            }
        }
    }
}
