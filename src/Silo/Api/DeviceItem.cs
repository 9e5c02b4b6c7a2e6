using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>A device in a list.</summary>
internal record DeviceItem(
    string Id, string Region, string Unit, string Kind, string Status, DateTimeOffset Registered, DateTimeOffset LastSeen, double? Latitude, double? Longitude)
{
    public const string Online = "online";
    public const string Silent = "silent";

    public static string StatusOf(DeviceEntry device, long silentBeforeMs) => device.LastSeenMs >= silentBeforeMs ? Online : Silent;

    public static DeviceItem From(DeviceEntry device, long silentBeforeMs) => new(
        device.Id, device.Stream.Region, device.Stream.Unit, device.Stream.Kind, StatusOf(device, silentBeforeMs),
        ApiTime.At(device.RegisteredMs), ApiTime.At(device.LastSeenMs), ApiExtensions.Known(device.Latitude), ApiExtensions.Known(device.Longitude));
}
