namespace SmartCity.Simulators;

/// <summary>How far a run is. Thread-safe.</summary>
public sealed class CityRunProgress
{
    private long _made;
    private long _acknowledged;
    private long _lost;
    private long _refused;
    private long _unknown;
    private long _resent;
    private long _simulatedMs;

    /// <summary>Messages that were measured, those included that are lost on purpose.</summary>
    public long Made => Volatile.Read(ref _made);

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Messages that were never sent, on purpose.</summary>
    public long Lost => Volatile.Read(ref _lost);

    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Messages that were sent and never acknowledged.</summary>
    public long Unknown => Volatile.Read(ref _unknown);

    /// <summary>Messages that were sent more than once because a connection was lost.</summary>
    public long Resent => Volatile.Read(ref _resent);

    /// <summary>How far the simulated time is; Unix milliseconds.</summary>
    public long SimulatedMs
    {
        get => Volatile.Read(ref _simulatedMs);
        internal set => Volatile.Write(ref _simulatedMs, value);
    }

    internal void CountMade() => Interlocked.Increment(ref _made);

    internal void Count(TruthRecord record)
    {
        switch (record.Outcome)
        {
            case TruthOutcome.Acknowledged:
                Interlocked.Increment(ref _acknowledged);
                break;
            case TruthOutcome.Lost:
                Interlocked.Increment(ref _lost);
                break;
            case TruthOutcome.Refused:
                Interlocked.Increment(ref _refused);
                break;
            default:
                Interlocked.Increment(ref _unknown);
                break;
        }

        if (record.Tries > 1) Interlocked.Increment(ref _resent);
    }
}
