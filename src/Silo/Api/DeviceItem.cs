using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>A device in a list.</summary>
/// <param name="Clock">Whether its clock agrees with the gateway's: ok, ahead, behind (or its readings come late), assumed (its messages tell no time), unknown.</param>
/// <param name="ClockOffsetSeconds">How far it is ahead; null when unknown.</param>
internal record DeviceItem(
    string Id, string Region, string Unit, string Kind, string Status, DateTimeOffset Registered, DateTimeOffset LastSeen, double? Latitude, double? Longitude,
    string Clock, double? ClockOffsetSeconds)
{
    public const string Online = "online";
    public const string Silent = "silent";

    public static readonly string[] Clocks = ["ok", "ahead", "behind", "assumed", "unknown"];

    public static string StatusOf(DeviceEntry device, long silentBeforeMs) => device.LastSeenMs >= silentBeforeMs ? Online : Silent;

    public static string ClockOf(DeviceEntry device, int skewSeconds) => device switch
    {
        { IsTimeAssumed: true } => "assumed",
        { ClockOffsetMs: not { } } => "unknown",
        { ClockOffsetMs: { } ms } when ms > skewSeconds * 1000L => "ahead",
        { ClockOffsetMs: { } ms } when ms < skewSeconds * -1000L => "behind",
        _ => "ok",
    };

    public static DeviceItem From(DeviceEntry device, long silentBeforeMs, int skewSeconds) => new(
        device.Id, device.Stream.Region, device.Stream.Unit, device.Stream.Kind, StatusOf(device, silentBeforeMs),
        ApiTime.At(device.RegisteredMs), ApiTime.At(device.LastSeenMs), ApiExtensions.Known(device.Latitude), ApiExtensions.Known(device.Longitude),
        ClockOf(device, skewSeconds), device.ClockOffsetMs / 1000.0);
}
