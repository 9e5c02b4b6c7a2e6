namespace SmartCity.Storage;

/// <summary>How sending a chunk, perhaps in parts, ended.</summary>
/// <param name="Sent">False: the chunk (all of it) has to be sent again later.</param>
/// <param name="Message">Why not.</param>
internal sealed record SendReport(bool Sent, IReadOnlyList<RejectedLines> Rejected, string Message, TimeSpan? RetryAfter);
