namespace SmartCity.Simulators;

/// <summary>
/// Shadowing around a site: a standard normal field over the plane whose correlation is e^(−Δx/dcor) (TR 38.901 equation 7.4-5), a function of seed and place.
/// A sum of plane waves: their wave numbers are drawn from the spectrum of that correlation in two dimensions, density k·α/(k²+α²)^(3/2) with α = 1/dcor, whose
/// distribution is 1 − α/√(k²+α²) (X. Cai and G. Giannakis, "A two-dimensional channel simulation model for shadowing processes", IEEE Trans. Veh. Technol. 52(6), 2003).
/// </summary>
internal sealed class Shadowing
{
    private const int Waves = 32;
    private const int TableSize = 4096;

    /// <summary>A table instead of Math.Cos: four times as fast. One entry for the whole turn, one more beside which it lies.</summary>
    private static readonly double[] s_cosine = [.. Enumerable.Range(0, TableSize + 2).Select(i => Math.Cos(2 * Math.PI * i / TableSize))];

    private static readonly double s_scale = Math.Sqrt(2.0 / Waves);

    /// <summary>Waves per correlation distance to the east and north, and phase, in turns.</summary>
    private readonly (double East, double North, double Phase)[] _waves = new (double, double, double)[Waves];

    public Shadowing(SeededRandom random)
    {
        var turn = random.NextDouble();
        for (var i = 0; i < Waves; i++)
        {
            // One wave from each part of the distribution and golden angles: a single site already has nearly the right correlation.
            var left = 1 - ((i + random.NextDouble()) / Waves);
            var number = Math.Sqrt((1 / (left * left)) - 1) / (2 * Math.PI);
            var angle = 2 * Math.PI * (turn + (i * 0.6180339887498949));
            _waves[i] = (number * Math.Cos(angle), number * Math.Sin(angle), random.NextDouble());
        }
    }

    /// <summary>The field at so many metres east and north of the site.</summary>
    /// <param name="correlation">Correlation distance, m.</param>
    public double At(double east, double north, double correlation)
    {
        double x = east / correlation, y = north / correlation, sum = 0;
        foreach (var (waveEast, waveNorth, phase) in _waves)
        {
            sum += Cosine((x * waveEast) + (y * waveNorth) + phase);
        }

        return s_scale * sum;
    }

    /// <summary>cos(2π·turns), to a millionth.</summary>
    internal static double Cosine(double turns)
    {
        // Of a turn that is negative and tiny, the rest is rounded to 1.
        var at = (turns - Math.Floor(turns)) * TableSize;
        var i = (int)at;
        return s_cosine[i] + ((at - i) * (s_cosine[i + 1] - s_cosine[i]));
    }
}
