namespace SmartCity.Mqtt;

/// <summary>What all sessions of a broker share: limits, counters, and the bytes that wait in all of them together.</summary>
internal sealed class SessionBudget(MqttLimits limits, MqttMetrics metrics)
{
    private long _bytes;

    public MqttLimits Limits { get; } = limits;

    public MqttMetrics Metrics { get; } = metrics;

    /// <summary>Bytes that wait in all sessions.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= Limits.MaxQueuedBytesTotal) return true;
        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    /// <summary>Takes what was there before, whatever the limit is now.</summary>
    public void Take(int bytes) => Interlocked.Add(ref _bytes, bytes);

    public void Give(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
