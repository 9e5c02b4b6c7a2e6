namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A reentrant grain that notices two threads inside.</summary>
public interface IReentrantTallyGrain : IGrainWithStringKey
{
    /// <summary>Notes "in", waits for the gate "start", then pauses and takes a step that many times.</summary>
    Task Add(Pause pause, int times);

    /// <returns>Counted steps between awaits, how often another thread was inside, and the most calls that were open at once.</returns>
    Task<(long Total, long Overlaps, int MostOpen)> Result();

    Task StartTimer(TimeSpan period);
}
