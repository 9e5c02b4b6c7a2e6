namespace SmartCity.Gateway;

/// <summary>What is going on now in the nation and its regions.</summary>
/// <param name="Time">When it was taken.</param>
public sealed record Overview(DateTimeOffset Time, IReadOnlyList<OverviewArea> Areas);
