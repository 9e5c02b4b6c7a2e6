using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>A device with its latest values.</summary>
internal sealed record DeviceDetail(
    string Id, string Region, string Unit, string Kind, string Status, DateTimeOffset Registered, DateTimeOffset LastSeen, double? Latitude, double? Longitude,
    string Clock, double? ClockOffsetSeconds, IReadOnlyList<LatestItem> Latest)
    : DeviceItem(Id, Region, Unit, Kind, Status, Registered, LastSeen, Latitude, Longitude, Clock, ClockOffsetSeconds)
{
    public static DeviceDetail From(DeviceEntry device, DeviceQueries devices, DeviceSnapshot snapshot)
    {
        var item = DeviceItem.From(device, devices.SilentBeforeMs, devices.SkewSeconds);
        return new(item.Id, item.Region, item.Unit, item.Kind, item.Status, item.Registered, item.LastSeen, item.Latitude, item.Longitude, item.Clock, item.ClockOffsetSeconds, [.. snapshot.Latest
            .OrderBy(l => l.Kind, StringComparer.Ordinal).ThenBy(l => l.Metric, StringComparer.Ordinal)
            .Select(l => new LatestItem(l.Kind, l.Metric, ApiExtensions.UnitOf(l.Kind, l.Metric), ApiTime.At(l.EventMs), l.Value))]);
    }
}

/// <summary>The last measured value of one metric.</summary>
internal sealed record LatestItem(string Kind, string Metric, string? Unit, DateTimeOffset Time, double Value);
