namespace SmartCity.Storage;

/// <summary>How sending to InfluxDB goes: for the health page and the log. Safe to read from any thread.</summary>
public sealed class InfluxOutboxStatus
{
    private readonly IOutbox _outbox;
    private long _sentChunks;
    private long _rejectedLines;
    private long _retries;

    internal InfluxOutboxStatus(IOutbox outbox) => _outbox = outbox;

    /// <summary>Raised by the pump after each step.</summary>
    internal event Action? Changed;

    /// <summary>False while InfluxDB takes no writes; null before the first try.</summary>
    public bool? Reachable { get; private set; }

    /// <summary>Why InfluxDB takes no writes; null when it does.</summary>
    public string? Problem { get; private set; }

    /// <summary>Chunks that wait to be sent.</summary>
    public long WaitingChunks => _outbox.Size.Chunks;

    /// <summary>Their compressed size, bytes.</summary>
    public long WaitingBytes => _outbox.Size.Bytes;

    /// <summary>Window starts whose rows are read from the store again, because the outbox was full.</summary>
    public long WaitingStarts => _outbox.Size.Starts;

    /// <summary>Chunks sent since the start of the process.</summary>
    public long SentChunks => Volatile.Read(ref _sentChunks);

    /// <summary>Lines that InfluxDB refused for good since the start of the process.</summary>
    public long RejectedLines => Volatile.Read(ref _rejectedLines);

    /// <summary>Writes that had to be tried again since the start of the process.</summary>
    public long Retries => Volatile.Read(ref _retries);

    /// <summary>False while InfluxDB takes no writes or the outbox is full.</summary>
    public bool Healthy => Reachable != false && WaitingStarts == 0;

    internal void Sent(int rejectedLines)
    {
        Reachable = true;
        Problem = null;
        Interlocked.Increment(ref _sentChunks);
        Interlocked.Add(ref _rejectedLines, rejectedLines);
        Changed?.Invoke();
    }

    internal void Kept(string problem)
    {
        Reachable = false;
        Problem = problem;
        Interlocked.Increment(ref _retries);
        Changed?.Invoke();
    }
}
