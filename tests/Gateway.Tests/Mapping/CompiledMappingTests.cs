using System.Text;

namespace SmartCity.Gateway.Tests;

/// <summary>Topic filters (MQTT 5.0 §4.7), what their wildcards matched, and other names of fields.</summary>
public sealed class CompiledMappingTests
{
    [Theory]
    [InlineData("a/b", "a/b", "", true)]
    [InlineData("a/b", "a/b/c", "", false)]
    [InlineData("a/b", "a", "", false)]
    [InlineData("a/b", "a/bc", "", false)]
    [InlineData("a/+", "a/b", "b", true)]
    [InlineData("a/+", "a/", "", true)]
    [InlineData("a/+", "a", "", false)]
    [InlineData("+/+", "/x", "|x", true)]
    [InlineData("plant/+/air/+", "plant/7/air/s-1", "7|s-1", true)]
    [InlineData("plant/+/air/+", "plant/7/noise/s-1", "", false)]
    [InlineData("plant/#", "plant/7/air", "7/air", true)]
    [InlineData("plant/#", "plant", "", true)] // the level above as well
    [InlineData("plant/#", "plants", "", false)]
    [InlineData("#", "a/b/c", "a/b/c", true)]
    [InlineData("+/air/#", "đo/air/x/y", "đo|x/y", true)]
    public void A_filter_matches_whole_levels_and_keeps_what_its_wildcards_stand_for(string filter, string topic, string parts, bool matches)
    {
        var wildcards = filter.Split('/').Count(l => l is "+" or "#");
        var mapping = Make(filter, string.Join('|', Enumerable.Range(1, wildcards).Select(i => $"{{{i}}}")));
        Assert.Equal(matches, mapping.Matches(Encoding.UTF8.GetBytes(topic)));
        if (matches && wildcards > 0) Assert.Equal(parts, Encoding.UTF8.GetString(mapping.MapTopic(Encoding.UTF8.GetBytes(topic))));
    }

    [Fact]
    public void A_topic_is_made_of_texts_and_parts_in_any_order()
    {
        var mapping = Make("+/+/d/#", "city/nam/{1}/air/{3}-{2}-{1}");
        Assert.True(mapping.Matches("sg/pm/d/x"u8));
        Assert.Equal("city/nam/sg/air/x-pm-sg", Encoding.UTF8.GetString(mapping.MapTopic("sg/pm/d/x"u8)));
    }

    [Theory]
    [InlineData("{\"PM2_5\":1.50,\"ts\":1764000000000}", "{\"pm25\":1.50,\"ts\":1764000000000}")]
    [InlineData("{\"a\":1,\"b\":2}", "{\"b\":1,\"a\":2}")] // exchanged
    [InlineData(" [ {\"PM2_5\" : 1e3} , {\"x\":null,\"s\":\"\\u0041\",\"t\":true} ] ", "[{\"pm25\":1e3},{\"x\":null,\"s\":\"A\",\"t\":true}]")]
    [InlineData("{\"\\u0050M2_5\":1}", "{\"pm25\":1}")] // an escaped name is the same name
    [InlineData("{\"PM2_5\":1,\"pm25\":2}", "{\"pm25\":1,\"pm25\":2}")] // there twice: the decoder says so
    [InlineData("{\"PM2_5\":NaN,\"a\":1}", "{\"pm25\":1e999,\"b\":1}")] // as the decoder does, which then says that it is not finite
    [InlineData("{\"PM2_5\":", "{\"PM2_5\":")] // no JSON: as it is
    [InlineData("", "")]
    [InlineData("{\"PM2_5\":{\"PM2_5\":1}}", "{\"pm25\":{\"pm25\":1}}")]
    public void Fields_get_other_names_and_numbers_keep_their_digits(string payload, string expected)
    {
        var mapping = Make("#", null, new() { ["PM2_5"] = "pm25", ["a"] = "b", ["b"] = "a" });
        Assert.Equal(expected, Encoding.UTF8.GetString(mapping.MapPayload(Encoding.UTF8.GetBytes(payload))));
        Assert.Equal("x"u8, mapping.MapTopic("x"u8));
    }

    [Theory]
    [InlineData(null, "x", null, "'filter' is missing")]
    [InlineData("$share/g/a", "x", null, "'filter' begins with '$'")]
    [InlineData("a/b#", "x", null, "'a/b#' is no topic filter: '+' stands for a whole level")]
    [InlineData("a/#/b", "x", null, "'#' for all that follow and only at the end")]
    [InlineData("a+/b", "x", null, "is no topic filter")]
    [InlineData("a/b", null, null, "The mapping changes nothing; write 'to'")]
    [InlineData("a/b", "", null, "'to' must be a topic, city/{region}/{unit}/{kind}/{device}")]
    [InlineData("a/+", "city/nam/sg/air/+", null, "'to' must be a topic")]
    [InlineData("a/+", "city/nam/sg/air/{2}", null, "'to' has '{2}'; write {1} for what the wildcards")]
    [InlineData("a/+/+", "city/nam/sg/air/{0}", null, "'to' has '{0}'; write {1} to {2} for what the wildcards")]
    [InlineData("a/+", "city/nam/sg/air/{device}", null, "'to' has '{device}'")]
    [InlineData("a/+", "city/nam/sg/air/{1", null, "'to' has '{1'")]
    [InlineData("a/b", "city/nam/sg/air/{1}", null, "the filter has no wildcard")]
    [InlineData("a/b", null, "a:", "'rename' has an empty name")]
    [InlineData("a/b", null, "a:x,b:x", "'rename' makes 'x' of more than one name")]
    [InlineData("a/b", null, "a:x", null)]
    [InlineData("a/+", "city/nam/sg/air/{1}", null, null)]
    public void A_draft_that_cannot_be_used_is_told_what_would_be_right(string? filter, string? to, string? rename, string? message)
    {
        var problem = new MappingDraft(filter, to, rename?.Split(',').Select(r => r.Split(':')).ToDictionary(r => r[0], r => r[1])).Validate();
        if (message is null) Assert.Null(problem);
        else Assert.Contains(message, problem, StringComparison.Ordinal);
    }

    private static CompiledMapping Make(string filter, string? to, Dictionary<string, string>? rename = null) => new(new("m1", filter, to, rename, 1, long.MaxValue, 0));
}
