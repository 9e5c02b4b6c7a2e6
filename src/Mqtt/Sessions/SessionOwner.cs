namespace SmartCity.Mqtt;

/// <summary>Who connects, as far as the session has to remember it.</summary>
/// <param name="ExpirySeconds">How long the session outlives the connection; 0 for not at all.</param>
internal sealed record SessionOwner(string ClientId, MqttProtocolVersion Version, uint ExpirySeconds, PendingWill? Will);
