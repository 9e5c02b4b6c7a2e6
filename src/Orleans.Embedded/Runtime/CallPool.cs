namespace Orleans.Runtime;

/// <summary>
/// A pool of call objects. Calls are rented by one thread and returned by another, so each thread keeps a few and trades them
/// with a shared stack in batches.
/// </summary>
public static class CallPool<TCall>
    where TCall : class, new()
{
    private const int LocalCapacity = 128;
    private const int Batch = 64;
    private const int SharedCapacity = 16_384; // beyond it, objects are left to the collector

    [ThreadStatic]
    private static Local? t_local;

    private static readonly Lock s_lock = new();
    private static readonly TCall[] s_shared = new TCall[SharedCapacity];
    private static int s_sharedCount;

    /// <summary>An idle call object, or a new one.</summary>
    public static TCall Rent()
    {
        var local = t_local ??= new();
        if (local.Count == 0) Refill(local);
        return local.Count == 0 ? new TCall() : local.Items[--local.Count];
    }

    /// <summary>Gives an object back; the caller must not use it again.</summary>
    public static void Return(TCall call)
    {
        var local = t_local ??= new();
        if (local.Count == LocalCapacity) Spill(local);
        local.Items[local.Count++] = call;
    }

    private static void Refill(Local local)
    {
        if (Volatile.Read(ref s_sharedCount) == 0) return;
        lock (s_lock)
        {
            var n = Math.Min(Batch, s_sharedCount);
            s_sharedCount -= n;
            Array.Copy(s_shared, s_sharedCount, local.Items, 0, n);
            Array.Clear(s_shared, s_sharedCount, n);
            local.Count = n;
        }
    }

    private static void Spill(Local local)
    {
        local.Count -= Batch;
        lock (s_lock)
        {
            var n = Math.Min(Batch, SharedCapacity - s_sharedCount);
            Array.Copy(local.Items, local.Count, s_shared, s_sharedCount, n);
            s_sharedCount += n;
        }

        Array.Clear(local.Items, local.Count, Batch);
    }

    private sealed class Local
    {
        public readonly TCall[] Items = new TCall[LocalCapacity];
        public int Count;
    }
}
