using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>Who a client proved to be.</summary>
/// <param name="Version">Of its record when it was let in; 0 when it has none.</param>
public sealed record AccessIdentity(string User, string? DeviceId, long Version, DateTimeOffset? ExpiresAt = null) : MqttIdentity(User, DeviceId, ExpiresAt);
