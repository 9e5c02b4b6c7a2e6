namespace SmartCity.Silo;

/// <summary>
/// Asks for a background collection when the heap has grown well beyond what was alive after the last full one. Windows live for a minute and
/// die old, just when the runtime looks least often; without this, resident memory is twice what is needed until the machine runs short.
/// </summary>
internal sealed class MemoryTrimmer(TimeProvider clock) : BackgroundService
{
    private const double Growth = 1.25;
    private const long WorthwhileBytes = 16 << 20;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        long alive = 0;
        var collections = GC.CollectionCount(2);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var heap = GC.GetTotalMemory(forceFullCollection: false);
            if (GC.CollectionCount(2) != collections || alive == 0)
            {
                // The runtime collected by itself; what is there now is near enough to what is alive.
                collections = GC.CollectionCount(2);
                alive = alive == 0 ? heap : Math.Min(heap, GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes);
                continue;
            }

            if (heap < alive * Growth || heap < alive + WorthwhileBytes) continue;
            GC.Collect(2, GCCollectionMode.Forced, blocking: false, compacting: false);
            alive = 0;
        }
    }
}
