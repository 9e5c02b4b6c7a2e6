namespace SmartCity.Simulators;

/// <summary>What the subscribers of a load run got.</summary>
/// <param name="Subscribers">Connections that subscribed; each message goes to one of them.</param>
/// <param name="Delivered">Messages that arrived, each counted once, but for those that are <paramref name="Untimed"/>: whether one of them is a second copy is not known.</param>
/// <param name="Lost">Messages that were written and did not arrive until the run had ended.</param>
/// <param name="Doubled">Arrivals of messages that had arrived before.</param>
/// <param name="Untimed">Delivered messages without a latency: they came so late that their time was no longer kept.</param>
/// <param name="Foreign">Arrivals on the topics of the run that it has not sent.</param>
/// <param name="LatencyMs">From when a message was due (at a given rate) or sent until it arrived; null without any.</param>
public sealed record DeliveryResult(int Subscribers, long Delivered, long Lost, long Doubled, long Untimed, long Foreign, LatencySummary? LatencyMs);
