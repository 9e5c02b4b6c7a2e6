using System.Text;
using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>What a rule's pattern covers: wider than meant is a hole, narrower a device that cannot speak.</summary>
public sealed class TopicPatternTests
{
    [Theory]
    [InlineData("city/+/+/+/%d", "city/nam/sg/air/d1", true)]
    [InlineData("city/+/+/+/%d", "city/nam/sg/air/d2", false)]
    [InlineData("city/+/+/+/%d", "city/nam/sg/air/d1/more", false)]
    [InlineData("cmd/%d/#", "cmd/d1", true)]
    [InlineData("cmd/%d/#", "cmd/d1/a/b", true)]
    [InlineData("cmd/%d/#", "cmd/d10", false)]
    [InlineData("u/%u-%c/x", "u/alice-c1/x", true)]
    [InlineData("a/100%%", "a/100%", true)]
    [InlineData("#", "$SYS/broker/uptime", false)]
    public void A_pattern_matches_the_topics_of_its_client_only(string pattern, string topic, bool matches) =>
        Assert.Equal(matches, TopicPattern.Fill(pattern, "c1", "alice", "d1", widen: false)!.Matches(Encoding.UTF8.GetBytes(topic)));

    [Theory]
    [InlineData("+")]
    [InlineData("#")]
    [InlineData("a/b")]
    [InlineData("d1/#")]
    [InlineData("+/+")]
    [InlineData("\0")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("$SYS")]
    public void A_value_that_would_widen_an_allow_makes_it_allow_nothing(string? value)
    {
        Assert.Null(TopicPattern.Fill("%c/x", value, value, value, widen: false));
        if (value != "$SYS") Assert.Null(TopicPattern.Fill("cmd/%d/#", value, value, value, widen: false));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("+")]
    public void A_value_that_is_odd_does_not_escape_a_deny(string value) =>
        Assert.True(TopicPattern.Fill("secret/%c/#", value, null, null, widen: true)!.Matches("secret/anything/x"u8));

    [Theory]
    [InlineData("cmd/d1/#", "cmd/d1/#", true)]
    [InlineData("cmd/d1/#", "cmd/d1", true)]
    [InlineData("cmd/d1/#", "cmd/d1/+/x", true)]
    [InlineData("cmd/d1/#", "cmd/+/#", false)]
    [InlineData("cmd/d1/#", "cmd/#", false)]
    [InlineData("cmd/d1/#", "#", false)]
    [InlineData("cmd/d1/#", "+/d1/x", false)]
    [InlineData("city/+/+", "city/a/b", true)]
    [InlineData("city/+/+", "city/a/+", true)]
    [InlineData("city/+/+", "city/a/#", false)]
    [InlineData("city/+/+", "city/+", false)]
    [InlineData("#", "$SYS/#", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/broker/+", true)]
    [InlineData("#", "#", true)]
    [InlineData("a/+", "a/", true)]
    public void A_filter_is_covered_only_when_every_topic_of_it_is(string pattern, string filter, bool covers) =>
        Assert.Equal(covers, TopicPattern.Fill(pattern, null, null, null, widen: false)!.Covers(filter));

    [Theory]
    [InlineData("secret/#", "#", true)]
    [InlineData("secret/#", "+/x", true)]
    [InlineData("secret/#", "secret", true)]
    [InlineData("secret/#", "open/#", false)]
    [InlineData("a/+/c", "a/b/+", true)]
    [InlineData("a/+/c", "a/b", false)]
    [InlineData("a/b", "a/b/#", true)]
    [InlineData("$SYS/#", "#", false)]
    [InlineData("#", "$SYS/#", false)]
    public void A_deny_meets_every_filter_that_could_match_one_of_its_topics(string pattern, string filter, bool meets) =>
        Assert.Equal(meets, TopicPattern.Fill(pattern, null, null, null, widen: true)!.Meets(filter));

    [Fact]
    public void Covers_and_Meets_agree_with_a_search_over_all_short_topics()
    {
        string[] names = ["a", "b", "$x", ""];
        string[] wild = ["a", "b", "$x", "", "+"];
        var topics = Paths(names, 4).ToArray();
        var filters = Paths(wild, 3).Concat(Paths(wild, 2).Select(p => p + "/#")).Append("#").ToArray();
        foreach (var p in filters)
        {
            var pattern = TopicPattern.Fill(p, null, null, null, widen: false)!;
            var inside = topics.Where(t => pattern.Matches(Encoding.UTF8.GetBytes(t))).ToHashSet(StringComparer.Ordinal);
            foreach (var f in filters)
            {
                var matched = topics.Where(t => Mqtt.MqttTopic.Matches(f, t)).ToArray();
                Assert.True(!pattern.Covers(f) || matched.All(inside.Contains), $"'{p}' says it covers '{f}'");
                Assert.True(pattern.Meets(f) || !matched.Any(inside.Contains), $"'{p}' says it does not meet '{f}'");
            }
        }

        static IEnumerable<string> Paths(string[] levels, int depth) =>
            depth == 1 ? levels.Where(l => l.Length > 0) : Paths(levels, depth - 1).Concat(Paths(levels, depth - 1).Where(p => p.Split('/').Length == depth - 1).SelectMany(p => levels.Select(l => $"{p}/{l}")));
    }

    [Theory]
    [InlineData("a/%x", "%d")]
    [InlineData("a/%", "%%")]
    [InlineData("a/#/b", "#")]
    [InlineData("", "empty")]
    public void A_pattern_that_makes_no_sense_is_refused_with_what_to_write(string pattern, string advice) =>
        Assert.Contains(advice, TopicPattern.Validate(pattern), StringComparison.Ordinal);

    [Theory]
    [InlineData("city/+/+/+/%d")]
    [InlineData("%c%u/%%")]
    [InlineData("#")]
    public void A_pattern_that_makes_sense_is_taken(string pattern) => Assert.Null(TopicPattern.Validate(pattern));
}
