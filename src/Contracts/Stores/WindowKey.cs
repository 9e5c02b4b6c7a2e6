namespace SmartCity.Contracts;

/// <summary>Identity of a stored device window.</summary>
public readonly record struct WindowKey(string DeviceId, StreamName Stream, string Metric, long StartMs);
