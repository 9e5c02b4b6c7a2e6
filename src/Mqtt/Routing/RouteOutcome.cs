namespace SmartCity.Mqtt;

/// <summary>What came of sending one message to its subscribers.</summary>
/// <param name="Congested">A subscriber whose queue is filling up, for the publisher to wait for; null for none.</param>
/// <param name="Ticket">Of the session journal: the publisher may be acknowledged when that is durable; 0 for none.</param>
internal readonly record struct RouteOutcome(MqttSession? Congested, long Ticket);
