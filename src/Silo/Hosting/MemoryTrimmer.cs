namespace SmartCity.Silo;

/// <summary>
/// Asks for a background collection when much was allocated since the last full one. Rows of closed windows outlive the small collections and
/// die just after them, when nothing makes the runtime look again: without this, an idle minute keeps twice the memory that is needed.
/// </summary>
internal sealed class MemoryTrimmer(TimeProvider clock) : BackgroundService
{
    private const long WorthwhileBytes = 16 << 20;
    private const int RoundsToRelease = 4; // the runtime gives memory back only after it stayed unused for some collections
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        long allocatedAtLast = 0;
        var collections = 0;
        var rounds = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var allocated = GC.GetTotalAllocatedBytes(precise: false);
            if (GC.CollectionCount(2) != collections && rounds == 0)
            {
                collections = GC.CollectionCount(2);
                allocatedAtLast = allocated;
                rounds = RoundsToRelease;
                continue;
            }

            if (allocated - allocatedAtLast >= WorthwhileBytes) rounds = RoundsToRelease;
            if (rounds == 0) continue;
            rounds--;
            allocatedAtLast = allocated;
            GC.Collect(2, GCCollectionMode.Forced, blocking: false, compacting: false);
            collections = GC.CollectionCount(2);
        }
    }
}
