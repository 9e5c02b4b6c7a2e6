namespace SmartCity.Silo;

/// <summary>One page of a list.</summary>
/// <param name="Next">Pass it as <c>after</c> to get the next page; null on the last.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
