namespace SmartCity.Contracts;

/// <summary>What a device grain has taken in since the last commit, per hour of event time.</summary>
/// <param name="HourMs">Start of the hour; Unix milliseconds.</param>
/// <param name="Readings">Readings (duplicates included) of windows not yet stored, or not yet stored in their present revision.</param>
[GenerateSerializer, Immutable]
public readonly record struct BufferedCount([property: Id(0)] long HourMs, [property: Id(1)] long Readings);
