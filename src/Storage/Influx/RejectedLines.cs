namespace SmartCity.Storage;

/// <summary>Lines that InfluxDB refused for good.</summary>
/// <param name="Message">What the server said.</param>
/// <param name="Sample">The first of the lines, cut to a limit.</param>
public sealed record RejectedLines(int Lines, string Message, string Sample);
