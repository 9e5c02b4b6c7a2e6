namespace SmartCity.Contracts.Tests;

public sealed class TimeTierTests
{
    private const long HourMs = 3_600_000;
    private const long DayMs = 24 * HourMs;

    [Theory]
    [InlineData(60)]
    [InlineData(900)]
    [InlineData(3600)]
    public void Steps_of_whole_days_begin_at_midnight_in_Vietnam(int windowSeconds)
    {
        Assert.Equal((20_000 * DayMs) - (7 * HourMs), TimeTier.StartOfStep(20_000 * DayMs, DayMs, windowSeconds));
        Assert.Equal((20_000 * DayMs) + (17 * HourMs), TimeTier.StartOfStep((20_000 * DayMs) + (17 * HourMs), DayMs, windowSeconds));
    }

    [Theory]
    [InlineData(7200)]
    [InlineData(28_800)]
    [InlineData(86_400)]
    public void A_window_that_lies_across_that_midnight_is_never_told_as_of_the_day_before(int windowSeconds)
    {
        for (var start = 20_000 * DayMs; start < 20_002 * DayMs; start += windowSeconds * 1000L)
        {
            var step = TimeTier.StartOfStep(start, DayMs, windowSeconds);
            Assert.InRange(start, step, step + DayMs - (windowSeconds * 1000L)); // the whole window lies in its step
        }
    }
}
