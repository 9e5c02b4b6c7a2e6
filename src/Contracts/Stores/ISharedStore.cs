namespace SmartCity.Contracts;

/// <summary>A store that several processes write to. It merges areas and tiles itself, and keeps the marks of each gateway apart.</summary>
public interface ISharedStore : ITelemetryStore
{
    /// <summary>Number of this process' gateway; known once the store is open, 0 when the process has none.</summary>
    int GatewayNumber { get; }
}
