namespace SmartCity.Contracts;

/// <summary>A page of the readings of a device's metric.</summary>
/// <param name="FromMs">Earliest event time; Unix milliseconds.</param>
/// <param name="ToMs">The first event time that is not asked for.</param>
/// <param name="After">The page begins behind it; null: at the beginning.</param>
/// <param name="Limit">Most readings; readings that cannot be told apart are never on two pages, so there may be a few more.</param>
public sealed record ReadingQuery(string DeviceId, string Kind, string Metric, long FromMs, long ToMs, ReadingMark? After, int Limit);
