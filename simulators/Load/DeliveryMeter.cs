namespace SmartCity.Simulators;

/// <summary>
/// Knows when each message of a run was due, and sees it arrive. Keeps the last 2^22 messages (64 MiB): one that arrives later is counted without a latency.
/// A message is written by one sender before it leaves, and read by the one subscriber that its topic goes to.
/// </summary>
internal sealed class DeliveryMeter(TimeProvider time, int slots = 1 << 22)
{
    private readonly Slot[] _slots = new Slot[slots];
    private long _delivered;
    private long _doubled;
    private long _untimed;
    private long _foreign;
    private long _lastArrival;

    /// <summary>Messages that arrived, each counted once; one that is too late for a latency is counted with each copy.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Since the last arrival of a message of the run; since the beginning of time without any.</summary>
    public TimeSpan Quiet => time.GetElapsedTime(Interlocked.Read(ref _lastArrival));

    /// <summary>A message is about to leave.</summary>
    /// <param name="number">Number of the message in the run.</param>
    /// <param name="due">Timestamp that its latency counts from.</param>
    public void Sending(long number, long due)
    {
        ref var slot = ref _slots[number & (_slots.Length - 1)];
        Volatile.Write(ref slot.Due, due);
        Volatile.Write(ref slot.Number, number + 1);
    }

    /// <summary>A message has arrived.</summary>
    /// <param name="latency">Of the calling subscriber.</param>
    public void Arrived(long number, LatencyHistogram latency)
    {
        ref var slot = ref _slots[number & (_slots.Length - 1)];
        var holds = Volatile.Read(ref slot.Number);
        if (holds == number + 1)
        {
            var due = Volatile.Read(ref slot.Due);
            var now = time.GetTimestamp();
            Interlocked.Exchange(ref _lastArrival, now);
            if (due == long.MinValue)
            {
                Interlocked.Increment(ref _doubled);
                return;
            }

            latency.Add(time.GetElapsedTime(due, now));
            Volatile.Write(ref slot.Due, long.MinValue);
            Interlocked.Increment(ref _delivered);
        }
        else if (holds > number + 1)
        {
            Interlocked.Increment(ref _delivered);
            Interlocked.Increment(ref _untimed);
        }
        else
        {
            Foreign();
        }
    }

    /// <summary>Something has arrived that this run has not sent.</summary>
    public void Foreign() => Interlocked.Increment(ref _foreign);

    public DeliveryResult Result(int subscribers, long sent, LatencyHistogram latency) =>
        new(subscribers, Delivered, Math.Max(0, sent - Delivered), Interlocked.Read(ref _doubled), Interlocked.Read(ref _untimed), Interlocked.Read(ref _foreign), latency.Summarize());

    // Number is one more than the message's, so that an empty slot is nobody's.
    private struct Slot
    {
        public long Due;
        public long Number;
    }
}
