namespace SmartCity.Simulators;

/// <summary>A square of the coverage map.</summary>
/// <param name="DayMs">Start of the day in UTC+7; Unix milliseconds.</param>
/// <param name="X">Tile of <see cref="CoverageAnswers.Zoom"/>; likewise <paramref name="Y"/>.</param>
internal readonly record struct CoverageKey(string Plmn, long DayMs, int X, int Y, string Metric);
