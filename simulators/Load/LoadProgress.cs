namespace SmartCity.Simulators;

/// <summary>Where a load run is.</summary>
/// <param name="Connected">Connections made so far.</param>
/// <param name="Lost">Connections that ended before they should.</param>
/// <param name="Delivered">Messages that have come back to the subscribers; null without any.</param>
/// <param name="Part">Share of the run that is over, 0 to 1; 0 while it connects.</param>
/// <param name="Elapsed">Since the first message; zero while it connects.</param>
public sealed record LoadProgress(int Connected, int Lost, long Sent, long Acknowledged, long Refused, long? Delivered, double Part, TimeSpan Elapsed);
