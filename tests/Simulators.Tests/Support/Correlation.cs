namespace SmartCity.Simulators.Tests;

/// <summary>Pearson's correlation.</summary>
internal static class Correlation
{
    public static double Of(IReadOnlyCollection<(double X, double Y)> pairs)
    {
        double x = pairs.Average(p => p.X), y = pairs.Average(p => p.Y);
        var covariance = pairs.Sum(p => (p.X - x) * (p.Y - y));
        return covariance / Math.Sqrt(pairs.Sum(p => (p.X - x) * (p.X - x)) * pairs.Sum(p => (p.Y - y) * (p.Y - y)));
    }
}
