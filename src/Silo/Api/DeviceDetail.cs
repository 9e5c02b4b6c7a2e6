namespace SmartCity.Silo;

/// <summary>A device with its latest values.</summary>
internal sealed record DeviceDetail(DeviceItem Item, IReadOnlyList<LatestItem> Latest)
    : DeviceItem(Item);

/// <summary>The last measured value of one metric.</summary>
internal sealed record LatestItem(string Kind, string Metric, string? Unit, DateTimeOffset Time, double Value);
