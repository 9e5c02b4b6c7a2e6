using SmartCity.Grains;

namespace SmartCity.Silo;

/// <summary>All in this process: sums over grains and store agree exactly.</summary>
internal sealed class LocalCommitState(WindowCloser closer, WindowSchedule schedule, IGrainFactory grains) : ICommitState
{
    public bool HasUnfinishedCommit => closer.HasUnfinishedCommit;

    public bool IsExact => true;

    public IReadOnlyList<DeadLetter> PendingDeadLetters => closer.PendingDeadLetters;

    public Task<T> BetweenTicksAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken) => closer.BetweenTicksAsync(read, cancellationToken);

    public async Task<IReadOnlyList<BufferedOfDevice>> BufferedAsync(string? device)
    {
        var buffered = new List<BufferedOfDevice>();
        foreach (var grain in device is null ? schedule.ScheduledDevices().DistinctBy(g => g.GetPrimaryKeyString()) : [grains.GetGrain<IDeviceGrain>(device)])
        {
            var id = grain.GetPrimaryKeyString();
            foreach (var count in await grain.GetBuffered()) buffered.Add(new(id, count));
        }

        return buffered;
    }
}
