namespace SmartCity.Simulators.Tests;

/// <summary>Which alarms a truth says must fire, and which must not.</summary>
public sealed class AlarmAnswersTests
{
    private const string Station = "city/trung/dn/weather/ws-1";
    private const long T = 1_795_392_000_000;
    private static readonly AlarmRule s_gale = new("gale", "weather", "wind", 17.2, Below: false, TimeSpan.FromMinutes(10), "test");

    [Fact]
    public void It_must_fire_when_every_reading_is_beyond_the_level_for_long_enough()
    {
        var answer = Assert.Single(Answers(s_gale, (0, 12, true), (5, 17.2, true), (10, 25, true), (15, 18, true), (20, 9, true)));
        Assert.Equal(("gale", "ws-1", "fire", At(5), At(15), At(15), 25.0), (answer.Rule, answer.Device, answer.Must, answer.From, answer.Due, answer.To, answer.Peak));
    }

    [Fact]
    public void It_must_not_when_the_time_is_too_short_or_the_value_too_low_whatever_the_order_of_arrival()
    {
        var answer = Assert.Single(Answers(s_gale, (20, 20, true), (0, 20, true), (9, 20, true), (10, 17.1, true), (29, 20, true), (30, 17, true)));
        Assert.Equal(("not", null, 20.0), (answer.Must, answer.From, answer.Peak));
    }

    [Fact]
    public void It_may_when_it_hangs_on_a_message_that_was_never_acknowledged()
    {
        // With the reading at 10 the storm is broken, without it the storm is long enough.
        Assert.Equal("may", Assert.Single(Answers(s_gale, (0, 20, true), (5, 20, true), (10, 3, false), (15, 20, true))).Must);

        // With the reading at 12 the storm is long enough, without it too short.
        Assert.Equal("may", Assert.Single(Answers(s_gale, (0, 20, true), (12, 20, false))).Must);

        // It does not matter.
        Assert.Equal("fire", Assert.Single(Answers(s_gale, (0, 20, true), (5, 30, false), (10, 20, true))).Must);
    }

    [Fact]
    public void Nobody_knows_what_was_in_a_long_silence() =>
        Assert.Equal("may", Assert.Single(Answers(s_gale, (0, 20, true), (31, 20, true))).Must);

    [Fact]
    public void A_floor_is_a_level_from_above_and_a_rule_without_a_kind_is_for_every_kind()
    {
        var low = new AlarmRule("battery-low", null, "battery", 20, Below: true, TimeSpan.Zero, "test");
        var answers = new AlarmAnswers([low]);
        answers.Add("city/bac/hn/waste/wb-1", "battery", T, 21, true, []);
        answers.Add("city/bac/hn/noise/nz-1", "battery", T, 20, true, ["scenario:x"]);
        answers.Add("city/bac/hn/noise/nz-1", "laeq", T, 5, true, []);
        Assert.Equal([("nz-1", "fire", 20.0, "scenario:x"), ("wb-1", "not", 21.0, "")], answers.Take().Select(a => (a.Device, a.Must, a.Peak, string.Join(',', a.Causes))));
        Assert.Empty(answers.Take());
    }

    private static List<AlarmAnswer> Answers(AlarmRule rule, params (int Minute, double Value, bool Certain)[] readings)
    {
        var answers = new AlarmAnswers([rule]);
        foreach (var (minute, value, certain) in readings) answers.Add(Station, "wind", T + (minute * 60_000), value, certain, []);
        answers.Add(Station, "temp", T, 99, true, []);
        answers.Add("city/trung/dn/air/aq-1", "wind", T, 99, true, []);
        return [.. answers.Take()];
    }

    private static DateTimeOffset At(int minute) => DateTimeOffset.FromUnixTimeMilliseconds(T + (minute * 60_000));
}
