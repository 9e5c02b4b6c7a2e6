using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>What was refused because of a mistake that somebody can put right is taken in again, once.</summary>
public sealed class ReplayTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private readonly SiloProcess _silo = fixture.Silo;

    [Fact]
    public async Task Messages_with_a_wrong_topic_and_field_are_put_right_tried_and_replayed_once()
    {
        var start = (Api.NowMs / 1000 * 1000) - 7000;
        await PublishAsync("city/nam/xx/energy/again", $$"""{"ts":{{start}},"PWR":1}""", $$"""[{"ts":{{start + 1000}},"PWR":2},{"ts":{{start + 2000}},"PWR":3}]""", """{"PWR":4}""", "{rubbish");
        var letters = await _silo.WaitForAsync("/api/v1/deadletters?device=again", d => d.Items().Count == 4, "four dead letters");
        var arrived = letters.Items().Single(l => l.Text("payload") == """{"PWR":4}""").GetProperty("time").GetDateTimeOffset();

        var fix = new { device = "again", topic = new { replace = "/xx/", with = "/sg/" }, rename = new Dictionary<string, string> { ["PWR"] = "power" }, dryRun = true };
        var trial = await PostAsync(fix);
        Assert.Equal((4, 3, true), (trial.Number("matched"), trial.Number("replayed"), trial.GetProperty("dryRun").GetBoolean()));
        Assert.Equal("bad-json", Assert.Single(trial.GetProperty("refused").EnumerateArray()).Text("reason"));
        await _silo.ProblemAsync("/api/v1/devices/again", HttpStatusCode.NotFound); // nothing has happened

        var real = await PostAsync(fix with { dryRun = false });
        Assert.Equal((4, 3, false), (real.Number("matched"), real.Number("replayed"), real.GetProperty("dryRun").GetBoolean()));
        var series = await _silo.WaitForAsync($"/api/v1/devices/again/series/power?from={Api.Time(start)}", s => s.Count() == 4, "four readings");
        Assert.Equal([1, 2, 3, 4], series.Rows().Select(r => r.Number("mean")));
        Assert.Equal(arrived.ToUnixTimeMilliseconds() / 1000, series.Rows()[3].GetProperty("start").GetDateTimeOffset().ToUnixTimeSeconds()); // it told no time: that of arrival

        // Again: nothing is left but what cannot be put right.
        var again = await PostAsync(fix with { dryRun = false });
        Assert.Equal((1, 0), (again.Number("matched"), again.Number("replayed")));
        var ledger = await _silo.WaitForAsync("/api/v1/ledger?device=again", l => l.Number("stored") == 4, "the readings in the store");
        Assert.Equal((8.0, 0.0, 0.0), (ledger.Number("accepted"), ledger.Number("duplicate"), ledger.Number("balance"))); // four refused once, and taken once
        Assert.Equal(3, (await _silo.GetAsync("/api/v1/deadletters?device=again")).Items().Count(l => l.GetProperty("replayed").ValueKind == JsonValueKind.String));
    }

    [Fact]
    public async Task A_message_of_which_other_readings_were_taken_is_not_replayed()
    {
        await PublishAsync("city/nam/sg/energy/partly", """{"power":5,"frequency":99}""");
        await _silo.WaitForAsync("/api/v1/deadletters?device=partly", d => d.Items().Count == 1, "the dead letter");
        var report = await PostAsync(new { device = "partly", rename = new { frequency = "note" } });
        Assert.Equal("Other readings of the message were taken; only whole messages can be replayed.", Assert.Single(report.GetProperty("refused").EnumerateArray()).Text("detail"));
        Assert.Equal(1, (await _silo.LedgerAsync(2, "partly")).GetProperty("rejected").EnumerateObject().Sum(r => r.Value.GetInt64()));
    }

    [Fact]
    public async Task Readings_that_told_no_time_stay_apart_in_an_array_and_in_a_burst()
    {
        using (var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "burst"))
        {
            await mqtt.SendAsync(RawMqtt.Publish("city/nam/xx/energy/burst", """[{"power":1},{"power":2},{"power":3,"ts":null}]""", 1));
            for (ushort id = 2; id <= 50; id++) await mqtt.SendAsync(RawMqtt.Publish("city/nam/xx/energy/burst", $$"""{"power":{{id + 2}}}""", id));
            for (var i = 0; i < 50; i++) await mqtt.ReadPubAckAsync();
        }

        await _silo.WaitForAsync("/api/v1/deadletters?device=burst", d => d.Items().Count == 50, "fifty dead letters");
        var report = await PostAsync(new { device = "burst", topic = new { replace = "/xx/", with = "/sg/" } });
        Assert.Equal(50, report.Number("replayed"));
        var ledger = await _silo.WaitForAsync("/api/v1/ledger?device=burst", l => l.Number("stored") + l.Number("duplicate") == 52, "the readings in the store");
        Assert.Equal((52.0, 0.0), (ledger.Number("stored"), ledger.Number("duplicate")));
    }

    [Fact]
    public async Task A_letter_that_is_no_sound_json_does_not_keep_the_others_from_being_replayed()
    {
        var start = (Api.NowMs / 1000 * 1000) - 7000;
        await PublishAsync(
            "city/nam/xx/energy/mixed", $$"""{"ts":{{start}},"power":1}""", $$"""{"ts":{{start}},"power":1,"power":2}""", $$"""{"ts":{{start}},"power":1,"\ud800":2}""", $$"""{"ts":{{start + 1000}},"power":2}""");
        await _silo.WaitForAsync("/api/v1/deadletters?device=mixed", d => d.Items().Count == 4, "four dead letters");
        var report = await PostAsync(new { device = "mixed", topic = new { replace = "/xx/", with = "/sg/" } });
        Assert.Equal((4, 2), (report.Number("matched"), report.Number("replayed")));
        Assert.All(report.GetProperty("refused").EnumerateArray(), r => Assert.Equal("bad-json", r.Text("reason")));
    }

    [Fact]
    public async Task Names_of_fields_can_be_exchanged_and_no_field_is_overwritten()
    {
        var start = (Api.NowMs / 1000 * 1000) - 7000;
        await PublishAsync("city/nam/xx/energy/swap", $$"""{"ts":{{start}},"power":1,"voltage":230}""");
        await PublishAsync("city/nam/xx/energy/both", $$"""{"ts":{{start}},"power":1,"PWR":2}""");
        await _silo.WaitForAsync("/api/v1/deadletters?device=both", d => d.Items().Count == 1, "the dead letter");
        var topic = new { replace = "/xx/", with = "/sg/" };
        Assert.Equal(1, (await PostAsync(new { device = "swap", topic, rename = new { power = "voltage", voltage = "power" } })).Number("replayed"));
        var device = await _silo.WaitForAsync("/api/v1/devices/swap", d => d.TryGetProperty("latest", out var latest) && latest.GetArrayLength() == 2, "both values");
        Assert.Equal([("power", 230.0), ("voltage", 1.0)], device.GetProperty("latest").EnumerateArray().Select(l => (l.Text("metric"), l.Number("value"))).Order());

        var report = await PostAsync(new { device = "both", topic, rename = new Dictionary<string, string> { ["PWR"] = "power" } });
        Assert.Equal("'PWR' cannot become 'power', because the message has a 'power' already.", Assert.Single(report.GetProperty("refused").EnumerateArray()).Text("detail"));
    }

    [Fact]
    public async Task The_limit_counts_the_letters_that_are_chosen_and_still_wait()
    {
        var start = (Api.NowMs / 1000 * 1000) - 7000;
        await PublishAsync("city/nam/xx/energy/deep", $$"""{"ts":{{start}},"power":1}""", $$"""{"ts":{{start + 1000}},"power":2}""");
        await PublishAsync("city/nam/sg/energy/deep", "{rubbish", "{rubbish");
        await _silo.WaitForAsync("/api/v1/deadletters?device=deep", d => d.Items().Count == 4, "four dead letters");
        for (var i = 0; i < 2; i++)
        {
            var report = await PostAsync(new { device = "deep", reason = "unknown-unit", topic = new { replace = "/xx/", with = "/sg/" }, limit = 1 });
            Assert.Equal((1, 1), (report.Number("matched"), report.Number("replayed")));
        }
    }

    [Theory]
    [InlineData(48, 1)] // the log has what the letter lacks
    [InlineData(0, 0)]
    public async Task A_letter_with_the_beginning_of_a_payload_is_replayed_as_long_as_the_log_has_the_rest(int keepHours, int replayed)
    {
        await using var silo = await SiloProcess.StartAsync(
            "--Window:Seconds=1", "--Window:GraceSeconds=0", "--Window:SpreadSeconds=0", "--Gateway:DeadLetterBytes=100", $"--Intake:KeepHours={keepHours}", "--Intake:SegmentBytes=4096");
        using var mqtt = await RawMqtt.ConnectAsync(silo.MqttPort, "cut");
        await mqtt.PublishAsync("city/nam/xx/energy/cut", $$"""{"ts":{{Api.NowMs - 60_000}},"power":7,"note":"{{new string('x', 300)}}"}""");
        await silo.WaitForAsync("/api/v1/deadletters?device=cut", d => d.Items().Count == 1, "the dead letter");
        // Others come after it, until its file is one of those that the store does not need.
        for (var i = 0; i < 30; i++) await mqtt.PublishAsync("city/nam/sg/energy/other", $$"""{"ts":{{Api.NowMs - 50_000 + i}},"power":1,"note":"{{new string('y', 1000)}}"}""");
        await silo.WaitForAsync("/api/v1/ledger?device=other", l => l.Number("buffered") == 0 && l.Number("accepted") == 30, "the others in the store");
        if (keepHours == 0) await silo.WaitForAsync("/healthz/live", _ => !File.Exists(Path.Combine(silo.DataFolder, "intake", $"{1:x16}.log")), "the first file of the log to go");

        var report = await PostAsync(silo, new { device = "cut", topic = new { replace = "/xx/", with = "/sg/" } });
        Assert.Equal((1.0, (double)replayed), (report.Number("matched"), report.Number("replayed")));
        if (replayed == 1) await silo.WaitForValueAsync("cut", "power", 7);
        else Assert.StartsWith("Only the beginning of the payload is left (Intake:KeepHours)", Assert.Single(report.GetProperty("refused").EnumerateArray()).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_with_letters_of_two_reasons_is_replayed_once()
    {
        await PublishAsync("city/nam/sg/energy/two", """[{"frequency":99},7]"""); // out of range, and no object
        await _silo.WaitForAsync("/api/v1/deadletters?device=two", d => d.Items().Count == 2, "two dead letters");
        var fix = new { device = "two", reason = "out-of-range", rename = new { frequency = "hertz" } };
        Assert.Equal("bad-json", Assert.Single((await PostAsync(fix)).GetProperty("refused").EnumerateArray()).Text("reason")); // the other one is still wrong
        await PublishAsync("city/nam/sg/energy/two", """[{"frequency":99},{"current":-1}]""", """[{"frequency":99,"current":-1}]""");
        await _silo.WaitForAsync("/api/v1/deadletters?device=two", d => d.Items().Count >= 4, "their dead letters");
        var both = new { device = "two", reason = "out-of-range", rename = new { frequency = "hertz", current = "ampere" } };
        Assert.Equal(2, (await PostAsync(both)).Number("replayed"));
        Assert.Equal(0, (await PostAsync(both)).Number("replayed"));
        Assert.DoesNotContain((await _silo.GetAsync("/api/v1/deadletters?device=two")).Items(), l => l.Text("reason") == "out-of-range" && l.GetProperty("replayed").ValueKind == JsonValueKind.Null && !l.Text("payload")!.Contains(",7]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_says_too_little_or_comes_from_another_page_is_refused()
    {
        foreach (var (body, advice) in new (string, string)[] { ("""{"limit":0}""", "1 to 1000"), ("""{"topic":{"with":"x"}}""", "'topic' needs 'replace' and 'with'"), ("""{"rename":{"a":""}}""", "'rename' has an empty name") })
        {
            using var answer = await _silo.Http.PostAsync("/api/v1/deadletters/replay", new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(advice, (await answer.Content.ReadFromJsonAsync<JsonElement>()).Text("detail"), StringComparison.Ordinal);
        }

        // A form or a script of another page can send this without being asked; it must not do anything.
        using var form = await _silo.Http.PostAsync("/api/v1/deadletters/replay", new StringContent("{}", Encoding.UTF8, "text/plain"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
    }

    private Task<JsonElement> PostAsync(object request) => PostAsync(_silo, request);

    private static async Task<JsonElement> PostAsync(SiloProcess silo, object request)
    {
        using var answer = await silo.Http.PostAsJsonAsync("/api/v1/deadletters/replay", request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task PublishAsync(string topic, params string[] payloads)
    {
        using var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "replay");
        for (var i = 0; i < payloads.Length; i++)
        {
            await mqtt.SendAsync(RawMqtt.Publish(topic, payloads[i], (ushort)(i + 1)));
            await mqtt.ReadPubAckAsync();
        }
    }
}
