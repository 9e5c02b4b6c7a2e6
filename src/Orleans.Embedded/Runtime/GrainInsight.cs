namespace Orleans.Runtime;

/// <summary>What the grain host is doing, for operators and for developers of grains.</summary>
public sealed class GrainInsight
{
    private const int Most = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly GrainRuntime _runtime;

    internal GrainInsight(GrainRuntime runtime) => _runtime = runtime;

    /// <summary>Grains in memory by class, with their numbers per shard.</summary>
    public IReadOnlyList<GrainTypeInsight> Types() =>
        [.. _runtime.Types.OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => new GrainTypeInsight(t.Name, t.Live, t.ActivatedTotal, [.. t.LiveByShard]))];

    /// <summary>The threads that grains run on.</summary>
    public IReadOnlyList<ShardInsight> Shards() => [.. _runtime.Shards.Select(s => new ShardInsight(s.Index, s.Turns, s.Depth, s.Busy.Count))];

    /// <summary>Methods by the time that their calls take, slowest first. Timed are one call of 64, and every one that suspends.</summary>
    public static IReadOnlyList<MethodInsight> SlowestMethods() =>
        [.. GrainRegistry.Methods.Where(m => m.Samples > 0).OrderByDescending(m => m.MeanTicks).Take(Most)
            .Select(m => new MethodInsight(m.Name, m.Samples, m.Suspended, Milliseconds(m.MeanTicks), Milliseconds(m.MaxTicks)))];

    /// <summary>Grains called most in the last half minute or so, with their part of the sampled calls.</summary>
    public IReadOnlyList<HotGrainInsight> HottestGrains()
    {
        var all = _runtime.Shards.SelectMany(s => s.Hot.Snapshot()).ToList();
        var total = Math.Max(1, all.Sum(g => g.Count));
        return [.. all.OrderByDescending(g => g.Count).Take(Most).Select(g => new HotGrainInsight(g.Grain.ToString(), (double)g.Count / total))];
    }

    /// <summary>Grains with the most calls that wait or are suspended. A shard that does not answer within a second is left out.</summary>
    public async Task<IReadOnlyList<MailboxInsight>> DeepestMailboxesAsync()
    {
        var asked = _runtime.Shards.Select(AskAsync).ToList();
        await Task.WhenAny(Task.WhenAll(asked), Task.Delay(s_patience));
        return [.. asked.Where(a => a.IsCompletedSuccessfully).SelectMany(a => a.Result).OrderByDescending(m => m.Depth).Take(Most)];
    }

    private static double Milliseconds(double ticks) => ticks * 1000 / System.Diagnostics.Stopwatch.Frequency;

    private static Task<List<MailboxInsight>> AskAsync(Shard shard)
    {
        var answer = new TaskCompletionSource<List<MailboxInsight>>(TaskCreationOptions.RunContinuationsAsynchronously);
        shard.Enqueue(new ShardWork(() =>
        {
            var deepest = new PriorityQueue<Activation, int>();
            for (var i = 0; i < shard.Busy.Count; i++)
            {
                var grain = shard.Busy[i];
                deepest.Enqueue(grain, grain.Depth);
                if (deepest.Count > Most) deepest.Dequeue();
            }

            answer.SetResult([.. deepest.UnorderedItems.Select(g => new MailboxInsight(g.Element.ToString(), g.Priority))]);
        }));
        return answer.Task;
    }
}
