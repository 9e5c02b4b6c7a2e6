namespace SmartCity.Contracts;

/// <summary>What became of delivered messages.</summary>
[GenerateSerializer, Immutable]
public sealed class DeliveryReply
{
    /// <summary>
    /// True when a grain lacks earlier messages that the store does not have either: its host was lost, or let go of it. It took nothing of what
    /// followed. The gateway goes back to what the store has and sends again.
    /// </summary>
    [Id(0)] public bool HasGap { get; init; }

    /// <summary>The hosts in whose memory the messages now are: see <see cref="IHostGrain"/>.</summary>
    [Id(1)] public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>Messages that their grain failed on; null for none.</summary>
    [Id(2)] public IReadOnlyList<DeliveryFailure>? Failures { get; init; }
}
