namespace SmartCity.Storage;

/// <summary>A line that the server's answer names as refused.</summary>
/// <param name="Number">Its place in the request, from 1.</param>
/// <param name="Message">What the server said of it.</param>
public readonly record struct RefusedLine(int Number, string Message);
