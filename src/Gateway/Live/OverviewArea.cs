namespace SmartCity.Gateway;

/// <summary>One area of the overview.</summary>
/// <param name="Online">Devices that sent something within <see cref="GatewayOptions.SilentAfterSeconds"/>.</param>
public sealed record OverviewArea(string Code, double MessagesPerSecond, double ReadingsPerSecond, int Online, int Silent, IReadOnlyList<OverviewKind> Kinds);
