namespace SmartCity.Simulators;

/// <summary>
/// SplitMix64: small, fast and the same on every platform and runtime, as far as it is whole numbers and <see cref="NextDouble"/>. <see cref="Gaussian"/> and <see cref="Poisson"/> use
/// logarithms, cosines and exponentials of the C library, whose last bit may differ from one library to another. Streams that are made from a seed and a name are independent, so a new
/// device does not change the others.
/// </summary>
public sealed class SeededRandom
{
    private ulong _state;

    public SeededRandom(ulong state) => _state = state;

    /// <summary>A stream of its own for a name.</summary>
    public static SeededRandom For(int seed, string name) => new(Mix(Hash(name) ^ ((ulong)(uint)seed * 0x9E3779B97F4A7C15UL)));

    /// <summary>FNV-1a of the UTF-16 units of a text, because <see cref="string.GetHashCode()"/> differs from run to run.</summary>
    public static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text) hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }

    /// <summary>A well-mixed 64-bit value of a 64-bit value.</summary>
    public static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }

    /// <summary>In [0, 1).</summary>
    public static double Unit(ulong mixed) => (mixed >> 11) * (1.0 / (1UL << 53));

    /// <summary>In [0, 1).</summary>
    public double NextDouble() => Unit(Mix(_state += 0x9E3779B97F4A7C15UL));

    /// <summary>In [from, to).</summary>
    public double Between(double from, double to) => from + ((to - from) * NextDouble());

    /// <summary>In [0, end).</summary>
    public int Below(int end) => (int)(NextDouble() * end);

    /// <summary>Standard normal, by Box and Muller.</summary>
    public double Gaussian() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Poisson; by its normal approximation above a mean of 30.</summary>
    public int Poisson(double mean)
    {
        if (mean > 30) return Math.Max(0, (int)Math.Round(mean + (Math.Sqrt(mean) * Gaussian())));
        var limit = Math.Exp(-mean);
        var count = 0;
        for (var product = NextDouble(); product > limit; product *= NextDouble()) count++;
        return count;
    }
}
