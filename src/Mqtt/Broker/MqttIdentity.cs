namespace SmartCity.Mqtt;

/// <summary>Who a client is, as its authorizer found out.</summary>
/// <param name="UserName">Null: none.</param>
/// <param name="DeviceId">The device it may speak for; null: none.</param>
/// <param name="ExpiresAt">The connection ends then, with 0xA0; null: never.</param>
public record MqttIdentity(string? UserName, string? DeviceId, DateTimeOffset? ExpiresAt = null);
