namespace SmartCity.Contracts;

/// <summary>Readings as they were measured, kept elsewhere than in the store.</summary>
public interface IReadingHistory
{
    /// <summary>A page of them; null when they cannot be read now.</summary>
    Task<ReadingPage?> ReadReadingsAsync(ReadingQuery query, CancellationToken cancellationToken);
}
