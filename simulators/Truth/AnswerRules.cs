namespace SmartCity.Simulators;

/// <summary>What answers depend on beside the messages.</summary>
/// <param name="WindowMs">Length of a window.</param>
/// <param name="LatenessMs">How long after its window's end a reading is on time.</param>
/// <param name="ClockMs">How far the sender's clock and the platform's may differ.</param>
internal sealed record AnswerRules(long WindowMs, long LatenessMs, long ClockMs)
{
    private static readonly long[] s_tiers = [900_000, 3_600_000, 86_400_000];

    /// <summary>Lengths of the rows that rollups have, milliseconds: multiples of the window among 15 minutes, an hour and a day.</summary>
    public IReadOnlyList<long> Tiers { get; } = [.. s_tiers.Where(t => t > WindowMs && t % WindowMs == 0)];

    /// <summary>Window and tiers.</summary>
    public IReadOnlyList<long> Steps => [WindowMs, .. Tiers];
}
