using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Series read back from InfluxDB, and when they are not.</summary>
public sealed class InfluxHistoryTests(InfluxServer server) : IClassFixture<InfluxServer>
{
    private static readonly ListLogger<InfluxHistory> s_log = new();

    [Fact]
    public async Task What_was_sent_is_read_back_the_same_by_device_kind_and_area()
    {
        var options = server.Options();
        await using var rig = await OutboxRig.StartAsync(options);
        var water = Sample.Window(values: [99], stream: new StreamName("bac", "hn", "water"));
        await rig.Store.WriteAsync([Sample.Window(values: [1, 2, 4]), Sample.Window(startMs: Sample.T0 + 60_000), water], [Sample.Area(values: [8, 9])], default);
        await rig.UntilEmptyAsync();
        using var history = new InfluxHistory(options, rig.Outbox, rig.Status, TimeProvider.System);
        Assert.Equal(
            [SeriesRow.From(Sample.T0, Sample.Aggregate(Sample.T0, 1, 2, 4)), SeriesRow.From(Sample.T0 + 60_000, Sample.Window(startMs: Sample.T0 + 60_000).Aggregate)],
            await history.ReadDeviceAsync("d1", "air", "pm25", null, Sample.T0, Sample.T0 + 120_000, default));
        Assert.Equal([SeriesRow.From(Sample.T0, water.Aggregate)], await history.ReadDeviceAsync("d1", "water", "pm25", null, 0, long.MaxValue, default));
        Assert.Equal(await rig.Store.ReadAreaAsync("hn", "air", "pm25", 0, long.MaxValue, default), await history.ReadAreaAsync("hn", "air", "pm25", null, 0, long.MaxValue, default));
    }

    [Fact]
    public async Task Windows_from_the_earliest_that_waits_are_not_read()
    {
        var options = server.Options();
        await using var rig = await OutboxRig.StartAsync(options);
        for (var i = 0; i < 5; i++) await rig.CommitAsync();
        await rig.UntilEmptyAsync();
        await rig.StopAsync();
        await rig.OpenAsync();
        using var history = new InfluxHistory(options, rig.Outbox, rig.Status, TimeProvider.System);
        Assert.Equal(5, (await history.ReadDeviceAsync("d0", "air", "pm25", null, 0, long.MaxValue, default)).Count);
        await rig.Store.WriteAsync([Sample.Window("d0", startMs: Sample.T0 + (3 * 60_000))], [], default); // corrected, not sent
        Assert.Equal(3, (await history.ReadDeviceAsync("d0", "air", "pm25", null, 0, long.MaxValue, default)).Count);
        Assert.Empty(await history.ReadDeviceAsync("d0", "air", "pm25", null, Sample.T0 + (3 * 60_000), long.MaxValue, default));
    }

    [Fact]
    public async Task Starts_that_a_full_outbox_only_noted_count_as_waiting()
    {
        var options = server.Options();
        options.MaxOutboxBytes = 1;
        await using var rig = await OutboxRig.StartAsync(options, pump: false);
        await rig.CommitAsync();
        Assert.Equal(Sample.T0, await rig.Outbox.FirstStartAsync(default));
    }

    [Fact]
    public async Task A_server_that_cannot_be_read_is_left_alone_for_a_while_and_then_asked_again()
    {
        var (time, answers) = (new ManualTime(), 0);
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        influx.Intervene = _ => Task.FromResult<FakeAnswer?>(++answers == 1
            ? FakeAnswer.Text(500, "no")
            : FakeAnswer.Json(200, """{"results":[{"series":[{"columns":[],"values":[[60000,1,2,2,2,0,2,2,2,2,2,null,null,null,null]]}]}]}"""));
        await using var rig = await OutboxRig.StartAsync(new InfluxOptions { Url = influx.Url }, pump: false);
        var log = new ListLogger<InfluxHistory>();
        using var history = new InfluxHistory(rig.Options, rig.Outbox, rig.Status, time, log);
        Assert.Empty(await history.ReadDeviceAsync("d0", "air", "pm25", null, 0, long.MaxValue, default));
        Assert.Empty(await history.ReadDeviceAsync("d0", "air", "pm25", null, 0, long.MaxValue, default));
        Assert.Equal((1, 1), (influx.Requests.Count, log.Count(3017)));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([new SeriesRow(60_000, 1, 2, 2, 2, 0, 2, 2, 2, 2, 2)], await history.ReadDeviceAsync("d0", "air", "pm25", null, 0, long.MaxValue, default));

        // Nor while it takes no writes.
        rig.Status.Kept("away");
        Assert.Empty(await history.ReadDeviceAsync("d0", "air", "pm25", null, 0, long.MaxValue, default));
        Assert.Equal(2, influx.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_hangs_holds_an_answer_up_for_two_seconds_and_the_next_ones_not_at_all()
    {
        var time = new ManualTime();
        var never = new TaskCompletionSource();
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        influx.Intervene = async _ =>
        {
            await never.Task;
            return null;
        };
        await using var rig = await OutboxRig.StartAsync(new InfluxOptions { Url = influx.Url }, pump: false);
        using var history = new InfluxHistory(rig.Options, rig.Outbox, rig.Status, time, s_log);
        var answer = history.ReadDeviceAsync("d0", "air", "pm25", null, 0, long.MaxValue, default);
        await influx.UntilAsync(f => f.Requests.Count == 1, "the question");
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Empty(await answer.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Empty(await history.ReadDeviceAsync("d0", "air", "pm25", null, 0, long.MaxValue, default));
        Assert.Single(influx.Requests);
        never.SetResult();
    }

    [Theory]
    [InlineData("{\"results\":[]}")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"results\":[{\"series\":[{\"columns\":[]}]}]}")]
    [InlineData("{\"results\":[{\"series\":[{\"values\":[[1,2]]}]}]}")]
    [InlineData("{\"results\":[{\"series\":[{\"values\":[[\"x\",2,3,4,5,6,7,8,9,10,11]]}]}]}")]
    [InlineData("<html>")]
    public async Task An_answer_that_is_not_InfluxDBs_is_no_row_and_no_error(string answer)
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1) { Intervene = _ => Task.FromResult<FakeAnswer?>(FakeAnswer.Json(200, answer)) };
        await using var rig = await OutboxRig.StartAsync(new InfluxOptions { Url = influx.Url }, pump: false);
        using var history = new InfluxHistory(rig.Options, rig.Outbox, rig.Status, TimeProvider.System, s_log);
        Assert.Empty(await history.ReadDeviceAsync("d0", "air", "pm25", null, 0, long.MaxValue, default));
    }

    [Theory]
    [InlineData(InfluxApiVersion.V1, null, true)]
    [InlineData(InfluxApiVersion.V1, false, false)]
    [InlineData(InfluxApiVersion.V2, null, false)]
    [InlineData(InfluxApiVersion.V2, true, true)]
    [InlineData(InfluxApiVersion.V3, null, false)]
    public void It_is_read_where_the_api_has_InfluxQL_or_somebody_says_so(InfluxApiVersion version, bool? option, bool expected) =>
        Assert.Equal(expected, new InfluxOptions { Url = "http://x", ApiVersion = version, ReadHistory = option }.ReadsHistory);
}
