namespace SmartCity.Grains;

/// <inheritdoc cref="IHostGrain"/>
/// <remarks>Each host asks for the grain of its own name when it starts, and grains are placed where they are first asked for. Elsewhere it says that the host is gone.</remarks>
public sealed class HostGrain(GrainHostName host, WindowSchedule schedule, HostCommitter committer) : Grain, IHostGrain
{
    /// <inheritdoc/>
    public async ValueTask<long> HeldFrom(int gateway, int round) => IsHere ? await committer.HeldFromAsync(gateway, round) : HostCommitter.Lost;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BufferedOfDevice>> GetBuffered(string? deviceId)
    {
        if (!IsHere) return [];
        var buffered = new List<BufferedOfDevice>();
        foreach (var grain in schedule.ScheduledDevices().DistinctBy(g => g.GetPrimaryKeyString()))
        {
            var id = grain.GetPrimaryKeyString();
            if (deviceId is not null && id != deviceId) continue;
            foreach (var count in await grain.GetBuffered()) buffered.Add(new(id, count));
        }

        return buffered;
    }

    private bool IsHere => this.GetPrimaryKeyString() == host.Value;
}
