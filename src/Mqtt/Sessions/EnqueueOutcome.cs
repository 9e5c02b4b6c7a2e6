namespace SmartCity.Mqtt;

/// <summary>The result of giving one message to a session.</summary>
/// <param name="Session">Null when there was none to give it to.</param>
/// <param name="IsCongested">The queue is more than half full: who publishes may wait for it for a moment.</param>
/// <param name="Ticket">Of the session journal: the publisher may be acknowledged when that is durable; 0 for none.</param>
internal readonly record struct EnqueueOutcome(EnqueueStatus Status, MqttSession? Session, bool IsCongested = false, long Ticket = 0);
