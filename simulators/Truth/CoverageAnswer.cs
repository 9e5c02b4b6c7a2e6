using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>The right answer for one square of the coverage map.</summary>
internal sealed class CoverageAnswer
{
    /// <summary>Samples that must be in it.</summary>
    public Tally Certain { get; } = new();

    /// <summary>Samples that may be in it.</summary>
    public int Possible { get; private set; }

    public void Add(long ms, double value, bool certain)
    {
        if (certain) Certain.Add(ms, value);
        else Possible++;
    }

    /// <summary>What is wrong with a square that the platform shows (0 samples: none); null when it is explained. The median counts where no sample is left open.</summary>
    public (string Expected, string Found, long Readings)? Explain(long samples, double median, ReportingGrid grid)
    {
        var found = samples == 0 ? "no square" : FormattableString.Invariant($"{samples} samples, median {median}");
        if (samples < Certain.Count || samples > Certain.Count + Possible) return (Describe(), found, samples < Certain.Count ? Certain.Count - samples : samples - Certain.Count - Possible);
        if (samples == 0 || samples != Certain.Count) return null;

        // The middle of the bin that holds the value at rank ⌊(n−1)/2⌋: off by half a step at most.
        return Math.Abs(median - Certain.Quantile(0.5)) <= WindowAnswer.HalfStep(grid) + 1e-9 ? null : (Describe(), found, 1);
    }

    private string Describe() => FormattableString.Invariant($"{Certain.Count}{(Possible > 0 ? $" to {Certain.Count + Possible}" : "")} samples, median {Certain.Quantile(0.5)}");
}
