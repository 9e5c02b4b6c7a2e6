using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>Compares the coverage map with its right answers, operator by operator and day by day.</summary>
internal sealed class CoverageAudit(PlatformApi api, DifferenceList differences)
{
    /// <summary>A map tile shows squares five levels finer: this one shows base tiles.</summary>
    private const int Finer = 5;

    private const long DayMs = 86_400_000;

    /// <returns>Squares that were compared.</returns>
    public async Task<long> CompareAsync(CoverageAnswers answers, CancellationToken stop)
    {
        foreach (var tile in answers.Squares.GroupBy(s => (s.Key.Plmn, s.Key.DayMs, s.Key.Metric, X: s.Key.X >> Finer, Y: s.Key.Y >> Finer)))
        {
            var (plmn, day, metric, x, y) = tile.Key;
            var what = $"coverage {metric} {plmn}";
            var found = await api.CoverageAsync(CoverageAnswers.Zoom - Finer, x, y, metric, plmn, day, day + DayMs, stop).ConfigureAwait(false);
            foreach (var (key, answer) in tile)
            {
                var name = FormattableString.Invariant($"{CoverageAnswers.Zoom}/{key.X}/{key.Y}");
                found.Remove(name, out var square);
                if (answer.Explain(square.Samples, square.Median, ReportingGrid.Of(metric)!) is var (wanted, shown, readings)) differences.Add(new(name, what, At(day), wanted, shown, readings, []));
            }

            foreach (var (name, square) in found) differences.Add(new(name, what, At(day), "no square", $"{square.Samples} samples", square.Samples, []));
        }

        return answers.Squares.Count;
    }

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
