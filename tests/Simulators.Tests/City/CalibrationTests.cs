namespace SmartCity.Simulators.Tests;

/// <summary>Sensors stray from the truth for months and come back with a calibration.</summary>
public sealed class CalibrationTests
{
    private const long DayMs = 86_400_000;
    private static readonly long s_start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public void Drift_grows_from_one_calibration_to_the_next_which_takes_it_back_to_nothing()
    {
        var calibration = Of(7);
        var next = Next(s_start);
        Assert.InRange(next - s_start, 1, 120 * DayMs);
        Assert.Equal(0, Error(next), 1e-6);
        var (first, second) = (Error(next + (10 * DayMs)), Error(next + (50 * DayMs)));
        Assert.NotEqual(0, first);
        Assert.Equal(5 * first, second, 1e-6);
        Assert.InRange(Math.Abs(second), 0.01, 20);
        Assert.InRange(Next(next) - next, 60 * DayMs, 120 * DayMs);
        Assert.Equal(80, calibration.Apply("co", 80));

        double Error(long ms)
        {
            calibration.MoveTo(ms);
            return calibration.Apply("o3", 80) - 80;
        }

        // The first moment after which the error is smaller than before.
        long Next(long ms)
        {
            while (Math.Abs(Error(ms + DayMs)) > Math.Abs(Error(ms))) ms += DayMs;
            var (before, after) = (ms, ms + DayMs);
            while (after - before > 1)
            {
                var middle = before + ((after - before) / 2);
                if (Math.Abs(Error(middle)) > Math.Abs(Error(ms))) before = middle;
                else after = middle;
            }

            return after;
        }
    }

    [Fact]
    public void The_drift_at_a_time_depends_on_the_device_and_not_on_what_was_asked_before()
    {
        var (straight, around) = (Of(7), Of(7));
        foreach (var day in (int[])[0, 400, 3, 200, -50, 399]) around.MoveTo(s_start + (day * DayMs));
        for (var day = 0; day < 400; day += 13)
        {
            straight.MoveTo(s_start + (day * DayMs));
            around.MoveTo(s_start + (day * DayMs));
            Assert.Equal(straight.Apply("pm25", 30), around.Apply("pm25", 30));
        }

        var other = Of(8);
        other.MoveTo(s_start);
        straight.MoveTo(s_start);
        Assert.NotEqual(straight.Apply("pm25", 30), other.Apply("pm25", 30));
    }

    [Fact]
    public void Values_of_one_element_stray_together()
    {
        var calibration = Of(7);
        calibration.MoveTo(s_start);
        Assert.Equal(calibration.Apply("pm1", 10) / 10, calibration.Apply("pm25", 40) / 40, 1e-12);
    }

    [Fact]
    public void Barometers_of_one_city_move_apart_over_weeks_and_step_back_at_a_calibration()
    {
        // The city's pressure is the same for both, so what is between them is their drift; means of ten days leave nothing of their noise.
        const int Days = 10;
        var start = DateTimeOffset.FromUnixTimeMilliseconds(s_start);
        var means = CitySample.Of(new() { Devices = 200, Rate = 0.055, Regions = ["trung"] }, start, TimeSpan.FromDays(120), "weather").Where(s => s.Metric == "pressure")
            .GroupBy(s => (s.Place, s.Device)).Select(d => (d.Key.Place, Means: d.GroupBy(s => (s.Time.UnixMs - s_start) / (Days * DayMs)).OrderBy(g => g.Key).Select(g => g.Average(s => s.Value)).ToList()))
            .GroupBy(d => d.Place).Where(g => g.Count() > 1).ToList();
        var (slow, steps) = (0, 0);
        foreach (var place in means)
        {
            var (one, other) = (place.First().Means, place.Last().Means);
            var between = one.Zip(other, (a, b) => a - b).ToList();
            var changes = between.Zip(between.Skip(1), (a, b) => Math.Abs(b - a)).ToList();
            slow += changes.Count(c => c is > 0.005 and < 0.12);
            steps += changes.Count(c => c > 0.15);
        }

        Assert.True(means.Count >= 4 && steps is >= 3 and <= 20 && slow > 3 * steps, $"{means.Count} places, {slow} slow changes, {steps} steps");
    }

    private static Calibration Of(int seed) => new(SeededRandom.For(seed, "calibration/aq-hn-0001"), [new(0.03, 0, "pm1", "pm25"), new(0.03, 1, "o3")]);
}
