using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>The outbox of every store: the newest windows do not wait for what an outage has left behind, and no older version of a window follows a newer one.</summary>
public abstract class OutboxLaneConformance
{
    private const long Minute = 60_000;

    [Fact]
    public async Task New_windows_arrive_while_the_backlog_waits_for_an_answer()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var rig = await StartAsync(Options(influx, live: 10), pump: false);
        for (var minute = 0; minute < 100; minute++) await CommitAsync(rig, Windows(minute, 1, "d0"));
        influx.Intervene = async request =>
        {
            if (FakeInflux.Lines(request).All(l => StartMinute(l) < 100)) await held.Task;
            return null;
        };
        await rig.PumpAsync();
        await influx.UntilAsync(f => f.Requests.Count == 1, "the first chunk of the backlog");
        for (var minute = 100; minute < 105; minute++)
        {
            await CommitAsync(rig, Windows(minute, 1, "d0"));
            await influx.UntilAsync(f => f.Stored.Keys.Any(k => StartMinute(k) == minute), $"minute {minute}, while the backlog waits");
        }

        Assert.Equal(5, influx.Stored.Count);
        held.SetResult();
        await rig.UntilEmptyAsync();
        Assert.Equal(105, influx.Stored.Count);
    }

    [Fact]
    public async Task What_an_outage_left_becomes_the_backlog_when_the_server_is_back()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var down = true;
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        influx.Intervene = async request =>
        {
            if (down) return FakeAnswer.Text(503, "away");
            if (FakeInflux.Lines(request).All(l => StartMinute(l) is 0 or >= 50)) return null;
            waits.TrySetResult();
            await held.Task;
            return null;
        };
        await using var rig = await StartAsync(Options(influx, live: 10));
        for (var minute = 0; minute < 50; minute++) await CommitAsync(rig, Windows(minute, 1, "d0"));
        await influx.UntilAsync(f => f.Requests.Count >= 3, "three tries");
        down = false;
        await waits.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await CommitAsync(rig, Windows(50, 1, "d0"));
        await influx.UntilAsync(f => f.Stored.Keys.Any(k => StartMinute(k) == 50), "the new minute, while the backlog waits");
        Assert.Equal(2, influx.Stored.Count);
        held.SetResult();
        await rig.UntilEmptyAsync();
        Assert.Equal(51, influx.Stored.Count);
    }

    [Fact]
    public async Task A_backlog_that_fails_and_backs_off_does_not_hold_up_new_windows()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var failing = true;
        influx.Intervene = request => Task.FromResult(failing && FakeInflux.Lines(request).All(l => StartMinute(l) < 30) ? FakeAnswer.Text(500, "no") : null);
        var options = Options(influx, live: 10);
        (options.MinRetryDelay, options.MaxRetryDelay) = (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));
        await using var rig = await StartAsync(options, pump: false);
        for (var minute = 0; minute < 30; minute++) await CommitAsync(rig, Windows(minute, 1, "d0"));
        await rig.PumpAsync();
        await rig.UntilAsync(() => rig.Status.Retries == 1, "the backlog's failure");
        await CommitAsync(rig, Windows(30, 1, "d0"));
        await influx.UntilAsync(f => f.Stored.Count == 1, "the new minute");
        failing = false;
    }

    [Fact]
    public async Task New_windows_that_were_refused_for_now_do_not_wait_out_their_delay_when_the_backlog_gets_through()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var failed = false;
        influx.Intervene = async request =>
        {
            if (FakeInflux.Lines(request).All(l => StartMinute(l) < 30))
            {
                await held.Task;
                return null;
            }

            if (failed) return null;
            failed = true;
            return FakeAnswer.Text(500, "not now");
        };
        var options = Options(influx, live: 10);
        (options.MinRetryDelay, options.MaxRetryDelay, options.RequestTimeout) = (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1));
        await using var rig = await StartAsync(options, pump: false);
        for (var minute = 0; minute < 30; minute++) await CommitAsync(rig, Windows(minute, 1, "d0"));
        await rig.PumpAsync();
        await influx.UntilAsync(f => f.Requests.Count == 1, "the first chunk of the backlog");
        await CommitAsync(rig, Windows(30, 1, "d0"));
        await rig.UntilAsync(() => rig.Status.Retries == 1, "the new minute's failure");
        held.SetResult();
        await rig.UntilEmptyAsync();
        Assert.Equal(31, influx.Stored.Count);
    }

    [Fact]
    public async Task A_correction_of_a_waiting_window_goes_behind_it_and_only_the_new_lines_of_its_chunk_go_ahead()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var rig = await StartAsync(Options(influx, live: 10), pump: false);
        for (var minute = 0; minute < 20; minute++) await CommitAsync(rig, Windows(minute, 1, "d0", "d1"));
        influx.Intervene = async request =>
        {
            if (FakeInflux.Lines(request).All(l => StartMinute(l) < 20)) await held.Task;
            return null;
        };
        await rig.PumpAsync();
        await influx.UntilAsync(f => f.Requests.Count == 1, "the first chunk of the backlog");
        await CommitAsync(rig, [.. Windows(3, 2, "d0"), .. Windows(20, 1, "d0"), .. Windows(19, 2, "d1")]);
        await CommitAsync(rig, [.. Windows(3, 3, "d0")]);
        await CommitAsync(rig, [.. Windows(20, 2, "d0"), .. Windows(3, 4, "d0")]);
        await influx.UntilAsync(f => f.Stored.Values.Any(l => StartMinute(l) == 20 && FakeInflux.Revision(l) == 2), "the second version of the new minute");
        Assert.Single(influx.Stored);
        var bytes = rig.Status.WaitingBytes;

        // What waits is the same after the process has ended: the lines that went ahead are not sent again.
        held.SetResult();
        await rig.StopAsync();
        await influx.QuietAsync();
        await rig.OpenAsync();
        Assert.InRange(rig.Status.WaitingBytes, 1, bytes);
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        Assert.Equal(41, influx.Stored.Count);
        Assert.Empty(influx.Overwritten);
        Assert.Equal(4, FakeInflux.Revision(influx.Stored.Values.Single(l => StartMinute(l) == 3 && l.Contains("device=d0", StringComparison.Ordinal))));
        Assert.Equal(2, FakeInflux.Revision(influx.Stored.Values.Single(l => StartMinute(l) == 19 && l.Contains("device=d1", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Chunks_of_an_earlier_version_whose_times_are_not_known_are_overtaken_by_nothing()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        await using var rig = await StartAsync(Options(influx, live: 3), pump: false);
        for (var minute = 0; minute < 20; minute++) await CommitAsync(rig, Windows(minute, 1, "d0"));
        await rig.StopAsync();
        Assert.Equal(20, await rig.Home.ChangeAsync("UPDATE outbox SET first_start = NULL, last_start = NULL"));
        await rig.OpenAsync();
        await rig.Outbox.BeginAsync(default);
        Assert.Equal(long.MaxValue, (await rig.Outbox.LastAsync(default)).StartMs);
        Assert.Equal(long.MinValue + 1, await rig.Outbox.FirstStartAsync(default));
        await CommitAsync(rig, Windows(5, 2, "d0"));
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        Assert.Equal(20, influx.Stored.Count);
        Assert.Empty(influx.Overwritten);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task No_more_requests_are_under_way_than_MaxConcurrency_and_as_many_as_that(int most)
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var options = Options(influx, live: 2);
        options.MaxConcurrency = most;
        await using var rig = await StartAsync(options, pump: false);
        for (var minute = 0; minute < 6; minute++) await CommitAsync(rig, Windows(minute, 1, [.. Enumerable.Range(0, 2_500).Select(d => $"d{d}")]));
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        influx.Intervene = async _ =>
        {
            if (influx.Peak == most) full.TrySetResult();
            await full.Task;
            return null;
        };
        await rig.PumpAsync();
        await influx.UntilAsync(f => f.Requests.Count >= 1, "a request");
        await CommitAsync(rig, Windows(6, 1, "d0"));
        await full.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await rig.UntilEmptyAsync();
        Assert.Equal((most, 15_001), (influx.Peak, influx.Stored.Count));
    }

    [Fact]
    public async Task A_request_that_waited_for_its_turn_while_another_process_took_over_is_not_sent()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var (held, away) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        influx.Intervene = async _ =>
        {
            await held.Task;
            return null;
        };
        var options = Options(influx, live: 10);
        options.MaxConcurrency = 1;
        await using var rig = await StartAsync(options, pump: false);
        ContestedOutbox? contested = null;
        rig.Decorate = outbox => contested = new ContestedOutbox(outbox);
        for (var minute = 0; minute < 30; minute++) await CommitAsync(rig, Windows(minute, 1, "d0"));
        await rig.PumpAsync();
        await influx.UntilAsync(f => f.Requests.Count == 1, "the first chunk of the backlog");
        await CommitAsync(rig, Windows(30, 1, "d0"));
        await contested!.GivenAsync(chunks: 2); // the second waits for the first one's request
        contested.Lose(away.Task);
        held.SetResult();
        var sent = influx.UntilAsync(f => f.Requests.Count > 1, "another request");
        Assert.Same(contested.Denied, await Task.WhenAny(contested.Denied, sent));
        away.SetResult();
        await rig.UntilEmptyAsync();
        await sent;
        Assert.Equal(31, influx.Stored.Count);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(3, 4)]
    [InlineData(4, 2)]
    public async Task Whatever_happens_the_newest_version_of_each_window_is_there_and_none_was_ever_overwritten_by_an_older_one(int seed, int concurrency)
    {
        var random = new Random(seed);
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var options = Options(influx, live: 3);
        (options.MaxConcurrency, options.MaxOutboxBytes) = (concurrency, 20_000);
        var down = false;
        influx.Intervene = _ => Task.FromResult(down ? FakeAnswer.Text(503, "away") : null);
        await using var rig = await StartAsync(options);
        var newest = new Dictionary<(string Device, int Minute), int>();
        for (var step = 0; step < 250; step++)
        {
            if (random.Next(15) == 0) down = !down;
            if (random.Next(40) == 0)
            {
                await rig.StopAsync();
                await influx.QuietAsync();
                await rig.OpenAsync();
                await rig.PumpAsync();
            }

            var windows = new List<DeviceWindow>();
            for (var i = 0; i < 4; i++)
            {
                // Mostly the newest minute, sometimes a late correction; versions of a window count from 1.
                var key = ($"d{random.Next(5)}", random.Next(3) == 0 ? random.Next((step / 5) + 1) : step / 5);
                if (windows.Any(w => (w.DeviceId, (int)((w.StartMs - Sample.T0) / Minute)) == key)) continue;
                newest[key] = newest.GetValueOrDefault(key) + 1;
                windows.AddRange(Windows(key.Item2, newest[key], key.Item1));
            }

            await CommitAsync(rig, windows);
        }

        down = false;
        await rig.UntilEmptyAsync();
        Assert.Empty(influx.Overwritten);
        Assert.Equal(
            newest.Select(n => $"{n.Key.Device} {n.Key.Minute} {n.Value}").Order(),
            influx.Stored.Values.Select(l => $"{l.Split("device=")[1].Split(',')[0]} {StartMinute(l)} {FakeInflux.Revision(l)}").Order());
    }

    /// <summary>A new place for a store. Where a new sender waits for requests of the one before it, it need not: the tests see to it that there are none.</summary>
    private protected abstract Task<OutboxHome> NewHomeAsync();

    private async Task<OutboxRig> StartAsync(InfluxOptions options, bool pump = true) => await OutboxRig.StartAsync(options, pump: pump, home: await NewHomeAsync());

    private static InfluxOptions Options(FakeInflux influx, int live)
    {
        var options = InfluxV3WriteTests.Options(influx);
        options.MaxLiveChunks = live;
        return options;
    }

    private static List<DeviceWindow> Windows(int minute, int revision, params string[] devices) =>
        [.. devices.Select(d => Sample.Window(d, startMs: Sample.T0 + (minute * Minute), values: [7, revision], revision: revision))];

    private static Task CommitAsync(OutboxRig rig, IReadOnlyList<DeviceWindow> windows) => rig.Store.WriteAsync(windows, [], default);

    private static long StartMinute(string line) => (LineText.Start(System.Text.Encoding.UTF8.GetBytes(line)) - Sample.T0) / Minute;
}
