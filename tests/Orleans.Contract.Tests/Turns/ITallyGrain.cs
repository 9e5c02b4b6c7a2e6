namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Counts in a way that comes out wrong as soon as two calls overlap.</summary>
public interface ITallyGrain : IGrainWithStringKey
{
    Task Add(Pause pause);

    /// <returns>How often <see cref="Add"/> ended, and how often it found another call inside.</returns>
    Task<(long Total, long Overlaps)> Result();
}
