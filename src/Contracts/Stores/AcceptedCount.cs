namespace SmartCity.Contracts;

/// <summary>Readings that arrived for a device, by hour of event time (of arrival, for what could not be decoded).</summary>
public readonly record struct AcceptedCount(string DeviceId, long HourMs, long Readings);
