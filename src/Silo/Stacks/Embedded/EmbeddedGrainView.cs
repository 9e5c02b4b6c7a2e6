using Orleans.Runtime;

namespace SmartCity.Silo;

/// <summary>Asks the embedded host.</summary>
internal sealed class EmbeddedGrainView(GrainInsight insight) : IGrainView
{
    public async Task<GrainsAnswer> ReadAsync(CancellationToken cancellationToken) => new(
        "embedded",
        [.. insight.Types().Select(t => new GrainsAnswer.TypeRow(t.Name, t.Active, t.Activated, [.. t.ActiveByShard.Select((n, i) => new GrainsAnswer.PlaceRow($"shard {i}", n))]))],
        [.. insight.Shards().Select(s => new GrainsAnswer.ShardRow(s.Index, s.Turns, s.Waiting, s.BusyGrains))],
        [.. (await insight.DeepestMailboxesAsync()).Select(m => new GrainsAnswer.MailboxRow(m.Grain, m.Depth))],
        [.. GrainInsight.SlowestMethods().Select(m => new GrainsAnswer.MethodRow(m.Name, m.Timed, m.Suspended, m.MeanMs, m.MaxMs))],
        [.. insight.HottestGrains().Select(g => new GrainsAnswer.HotRow(g.Grain, g.Share))]);
}
