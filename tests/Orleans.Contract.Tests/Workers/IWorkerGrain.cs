namespace SmartCity.Orleans.Contract.Tests;

public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>Notes "in", waits for the gate, notes "out".</summary>
    /// <returns>Whether the activation had no other call inside.</returns>
    Task<bool> Work(string gate);
}
