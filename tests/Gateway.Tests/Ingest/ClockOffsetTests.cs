namespace SmartCity.Gateway.Tests;

public sealed class ClockOffsetTests
{
    private const long Now = 1_764_000_000_000; // begins a period of five minutes
    private const long Minute = 60_000;

    private ClockOffset _offset;

    [Fact]
    public void Without_a_message_nothing_is_known() => Assert.Null(_offset.Ms);

    [Fact]
    public void Late_messages_do_not_make_a_clock_slow()
    {
        foreach (var delay in new[] { 90_000, 200, 40, 86_400_000, 35_000 }) _offset.Add(Now, Now - delay);
        Assert.Equal(-40, _offset.Ms);
    }

    [Fact]
    public void A_clock_that_is_ahead_is_seen_at_the_first_message()
    {
        _offset.Add(Now, Now - 100);
        _offset.Add(Now + 1, Now + 45_000);
        Assert.Equal(44_999, _offset.Ms);
    }

    [Fact]
    public void A_clock_that_was_set_right_is_forgiven_within_ten_minutes()
    {
        _offset.Add(Now, Now + 45_000);
        _offset.Add(Now + (6 * Minute), Now + (6 * Minute) - 50);
        Assert.Equal(45_000, _offset.Ms);
        _offset.Add(Now + (10 * Minute), Now + (10 * Minute) - 70);
        Assert.Equal(-50, _offset.Ms);
    }

    [Fact]
    public void What_was_seen_long_ago_does_not_count()
    {
        _offset.Add(Now, Now + 45_000);
        _offset.Add(Now + (60 * Minute), Now + (60 * Minute) - 50);
        Assert.Equal(-50, _offset.Ms);
    }

    [Fact]
    public void Times_that_are_decades_apart_stay_in_range()
    {
        _offset.Add(Now, 946_684_800_000);
        Assert.Equal(-int.MaxValue, _offset.Ms);
    }
}
