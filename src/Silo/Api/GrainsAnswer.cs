namespace SmartCity.Silo;

/// <summary>Answer of <c>GET /api/v1/system/grains</c>. What the stack does not measure is null.</summary>
/// <param name="Host"><c>embedded</c> or <c>orleans</c>.</param>
internal sealed record GrainsAnswer(
    string Host, IReadOnlyList<GrainsAnswer.TypeRow> Types, IReadOnlyList<GrainsAnswer.ShardRow>? Shards, IReadOnlyList<GrainsAnswer.MailboxRow>? Mailboxes,
    IReadOnlyList<GrainsAnswer.MethodRow>? SlowestMethods, IReadOnlyList<GrainsAnswer.HotRow>? HotGrains)
{
    /// <summary>Grains of one class, in memory now and activated since the start (null: not counted), and where they are: by shard, or by host of a cluster.</summary>
    internal sealed record TypeRow(string Name, long Active, long? Activated, IReadOnlyList<PlaceRow> Places);

    internal sealed record PlaceRow(string Place, long Active);

    internal sealed record ShardRow(int Index, long Turns, long Waiting, int BusyGrains);

    internal sealed record MailboxRow(string Grain, int Depth);

    internal sealed record MethodRow(string Name, long Timed, long Suspended, double MeanMs, double MaxMs);

    internal sealed record HotRow(string Grain, double Share);
}
