namespace SmartCity.Silo;

/// <summary>A page of a metric's readings as they were measured.</summary>
/// <param name="Next">Pass it as <c>after</c> to get the next page; null on the last.</param>
internal sealed record ReadingsAnswer(string Device, string Kind, string Metric, string? Unit, IReadOnlyList<ReadingItem> Items, string? Next);
