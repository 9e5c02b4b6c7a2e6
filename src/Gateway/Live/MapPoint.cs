namespace SmartCity.Gateway;

/// <summary>A device that sent something since the last sample and has a place.</summary>
/// <param name="Value">Newest value of the kind's main metric.</param>
/// <param name="TimeMs">Arrival of its newest message; Unix milliseconds.</param>
public sealed record MapPoint(string Id, string Kind, string Unit, double Latitude, double Longitude, double? Value, long TimeMs);
