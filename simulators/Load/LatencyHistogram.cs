using System.Numerics;

namespace SmartCity.Simulators;

/// <summary>Counts of latencies in logarithmic bins, 64 per power of two of a microsecond: at most 1.6 % wrong. Single writer.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int Bins = (40 - SubBits + 1) << SubBits;
    private readonly long[] _counts = new long[Bins];

    public long Count { get; private set; }

    public TimeSpan Max { get; private set; }

    public void Add(TimeSpan latency)
    {
        _counts[Bin((ulong)Math.Max(0, latency.Ticks / TimeSpan.TicksPerMicrosecond))]++;
        Count++;
        if (latency > Max) Max = latency;
    }

    public void Merge(LatencyHistogram other)
    {
        for (var i = 0; i < Bins; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        if (other.Max > Max) Max = other.Max;
    }

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
