using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Gateway.Tests;

public sealed class TopicMapTests
{
    private readonly TopicMap _map = new(Geography.Default);

    [Theory]
    [InlineData("city/nam/sg/air/station-1", "nam", "sg", "air", "station-1")]
    [InlineData("city/bac/hn/cell/452-04-0A1B2C3D4", "bac", "hn", "cell", "452-04-0A1B2C3D4")]
    [InlineData("city/trung/hue/my_kind-2/A.b_c:d-9", "trung", "hue", "my_kind-2", "A.b_c:d-9")]
    public void Topics_of_the_default_mapping_are_found(string topic, string region, string unit, string kind, string device)
    {
        foreach (var time in new[] { 1, 2 }) // the second time from the table
        {
            Assert.True(Resolve(topic, out var stream, out var found, out _, out _), $"time {time}");
            Assert.Equal((new StreamName(region, unit, kind), device), (stream.Name, found));
        }
    }

    [Theory]
    [InlineData("", "bad-topic", "it has no '/'")]
    [InlineData("city", "bad-topic", "it has no '/'")]
    [InlineData("city/nam/sg/air", "bad-topic", "five levels")]
    [InlineData("city/nam/sg/air/", "bad-topic", "1 to 64 of")]
    [InlineData("city/nam/sg/air/x/y", "bad-topic", "five levels")]
    [InlineData("/city/nam/sg/air/x", "bad-topic", "five levels")]
    [InlineData("town/nam/sg/air/x", "bad-topic", "first of them 'city'")]
    [InlineData("City/nam/sg/air/x", "bad-topic", "first of them 'city'")]
    [InlineData("city/nam/sg/air/a b", "bad-topic", "1 to 64 of")]
    [InlineData("city/nam/sg/air/trạm", "bad-topic", "1 to 64 of")]
    [InlineData("city/west/sg/air/x", "bad-topic", "'west' is no region; use bac, trung or nam")]
    [InlineData("city/nam/sg//x", "bad-topic", "the kind must be 1 to 32")]
    [InlineData("city/nam/sg/Air/x", "bad-topic", "the kind must be 1 to 32")]
    [InlineData("city/nam/xx/air/x", "unknown-unit", "'xx' is no unit of the geography file")]
    [InlineData("city/nam/hn/air/x", "unknown-unit", "belongs to region 'bac', not to 'nam'")]
    public void Other_topics_are_refused_with_what_would_be_right(string topic, string reason, string detail)
    {
        Assert.False(Resolve(topic, out _, out _, out var why, out var what));
        Assert.Equal(reason, why);
        Assert.Contains(detail, what, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_device_id_has_at_most_64_characters(int length, bool isGood) =>
        Assert.Equal(isGood, Resolve("city/nam/sg/air/" + new string('x', length), out _, out _, out _, out _));

    [Fact]
    public void A_long_topic_is_quoted_briefly()
    {
        Assert.False(Resolve("city/" + new string('x', 60_000) + "/y", out _, out _, out _, out var detail));
        Assert.InRange(detail.Length, 10, 500);
    }

    [Fact]
    public void Kinds_that_publishers_invent_are_limited_and_those_known_go_on()
    {
        for (var i = 0; i < 300; i++) Resolve($"city/nam/sg/kind{i}/x", out _, out _, out _, out _);
        Assert.False(Resolve("city/nam/sg/one-more/x", out _, out _, out var reason, out var detail));
        Assert.Equal(RejectReason.BadTopic, reason);
        Assert.Contains("256 kinds", detail, StringComparison.Ordinal);
        Assert.True(Resolve("city/bac/hn/kind7/x", out var stream, out _, out _, out _));
        Assert.Equal("kind7", stream.Name.Kind);
    }

    [Fact]
    public void Many_streams_are_told_apart()
    {
        var streams = new Dictionary<string, StreamInfo>();
        foreach (var unit in Geography.Default.Units)
        {
            foreach (var kind in Enumerable.Range(0, 60).Select(i => $"k{i}"))
            {
                Assert.True(Resolve($"city/{unit.Region}/{unit.Code}/{kind}/x", out var stream, out _, out _, out _));
                streams.Add($"city/{unit.Region}/{unit.Code}/{kind}", stream);
            }
        }

        foreach (var (prefix, known) in streams)
        {
            Assert.True(Resolve(prefix + "/y", out var again, out _, out _, out _));
            Assert.Same(known, again);
            Assert.Equal(prefix, $"city/{again.Name.Region}/{again.Name.Unit}/{again.Name.Kind}");
        }
    }

    [Fact]
    public void Random_bytes_are_no_topic_and_no_exception()
    {
        var random = new Random(1);
        var good = "city/nam/sg/air/station-1"u8.ToArray();
        for (var i = 0; i < 50_000; i++)
        {
            byte[] bytes = [.. good];
            for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (_map.TryResolve(bytes.AsSpan(0, random.Next(bytes.Length + 1)), out var stream, out var device, out _, out var detail))
                Assert.True(device.Length > 0 && Geography.Default.FindUnit(stream.Name.Unit)?.Region == stream.Name.Region);
            else
                Assert.NotEmpty(detail);
        }
    }

    private bool Resolve(string topic, out StreamInfo stream, out string device, out string reason, out string detail)
    {
        var found = _map.TryResolve(Encoding.UTF8.GetBytes(topic), out stream, out var bytes, out reason, out detail);
        device = Encoding.UTF8.GetString(bytes);
        return found;
    }
}
