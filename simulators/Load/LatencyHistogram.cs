using System.Numerics;

namespace SmartCity.Simulators;

/// <summary>Counts of latencies in logarithmic bins, 64 per power of two of a microsecond: at most 1.6 % wrong, up to 12 days. Any number of writers.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int Bins = (40 - SubBits + 1) << SubBits;
    private readonly long[] _counts = new long[Bins];
    private long _maxTicks;

    public long Count => _counts.Sum();

    public TimeSpan Max => new(Interlocked.Read(ref _maxTicks));

    public void Add(TimeSpan latency)
    {
        Interlocked.Increment(ref _counts[Bin((ulong)Math.Max(0, latency.Ticks / TimeSpan.TicksPerMicrosecond))]);
        for (var max = Interlocked.Read(ref _maxTicks); latency.Ticks > max;)
        {
            var before = Interlocked.CompareExchange(ref _maxTicks, latency.Ticks, max);
            if (before == max) break;
            max = before;
        }
    }

    /// <summary>Adds what another one counted; nobody may write to either meanwhile.</summary>
    public void Merge(LatencyHistogram other)
    {
        for (var i = 0; i < Bins; i++) _counts[i] += other._counts[i];
        _maxTicks = Math.Max(_maxTicks, other._maxTicks);
    }

    /// <summary>Its percentiles; null without data.</summary>
    public LatencySummary? Summarize() => Count == 0 ? null : new(Ms(0.5), Ms(0.9), Ms(0.99), Ms(0.999), Ms(0.9999), Max.TotalMilliseconds);

    /// <summary>The latency that the share <paramref name="q"/> does not exceed; zero without data.</summary>
    public TimeSpan Quantile(double q)
    {
        var rank = (long)Math.Ceiling(q * Count);
        if (rank == 0) return TimeSpan.Zero;
        for (var i = 0; i < Bins; i++)
        {
            rank -= _counts[i];
            if (rank <= 0) return TimeSpan.FromMicroseconds(UpperEdge(i)) is var edge && edge < Max ? edge : Max;
        }

        return Max;
    }

    private double Ms(double q) => Quantile(q).TotalMilliseconds;

    private static int Bin(ulong us)
    {
        if (us < 1UL << SubBits) return (int)us;
        var shift = BitOperations.Log2(us) - SubBits;
        return Math.Min(Bins - 1, ((shift + 1) << SubBits) + (int)((us >> shift) - (1UL << SubBits)));
    }

    private static double UpperEdge(int bin)
    {
        if (bin < 1 << SubBits) return bin + 1;
        var shift = (bin >> SubBits) - 1;
        return ((1L << SubBits) + (bin & ((1 << SubBits) - 1)) + 1) * (double)(1L << shift);
    }
}
