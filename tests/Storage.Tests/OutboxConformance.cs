using System.Globalization;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>What the outbox of every store must do, against a peer that misbehaves as told.</summary>
public abstract class OutboxConformance : IAsyncLifetime
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private ScriptedPeer _peer = null!;

    private protected ScriptedPeer Peer => _peer;

    public async ValueTask InitializeAsync() => _peer = await ScriptedPeer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Chunks_arrive_in_the_order_of_their_commits()
    {
        await using var rig = await StartAsync(Fast());
        for (var i = 0; i < 20; i++) await rig.CommitAsync(3);
        await rig.UntilEmptyAsync();
        AssertInOrder(20, 3);
        Assert.All(_peer.Requests, r => Assert.Equal("/write?db=city&precision=ms", r));
        Assert.Equal((20, 0, 0, true), (rig.Status.SentChunks, rig.Status.Retries, rig.Status.RejectedLines, rig.Status.Healthy));
        Assert.Empty(rig.PumpLog.Entries);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(408)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(307)]
    public async Task While_the_server_takes_nothing_everything_waits_and_then_goes_in_order(int status)
    {
        await using var rig = await StartAsync(Fast());
        _peer.Then(status, "go away", times: 5);
        for (var i = 0; i < 5; i++) await rig.CommitAsync();
        await rig.UntilEmptyAsync();
        AssertInOrder(5, 1);
        Assert.Equal((5, 5, 0), (rig.Status.SentChunks, rig.Status.Retries, rig.Status.RejectedLines));
        Assert.Equal(1, rig.PumpLog.Count(3010)); // once when it went…
        Assert.Equal(1, rig.PumpLog.Count(3011)); // …and once when it came back
        Assert.Contains($"{status}: go away", rig.PumpLog.Entries.First().Text, StringComparison.Ordinal);
        Assert.True(rig.Status.Healthy);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public async Task Retry_After_is_honoured_to_the_second(int status)
    {
        var time = new ManualTime();
        await using var rig = await StartAsync(Options(), time);
        _peer.Then(status, retryAfter: "17");
        await rig.CommitAsync();
        Assert.Equal(TimeSpan.FromSeconds(17), await time.ArmedAsync(except: RequestTimeout));
        Assert.False(rig.Status.Healthy);
        time.Advance(TimeSpan.FromSeconds(16.999));
        Assert.Empty(_peer.Taken);
        Assert.Single(_peer.Requests);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await rig.UntilEmptyAsync();
        AssertInOrder(1, 1);
    }

    [Fact]
    public async Task Retry_After_as_a_date_is_honoured_up_to_the_longest_wait()
    {
        var time = new ManualTime();
        await using var rig = await StartAsync(Options(), time);
        _peer.Then(503, retryAfter: time.GetUtcNow().AddSeconds(40).ToString("R", CultureInfo.InvariantCulture));
        _peer.Then(503, retryAfter: "86400");
        await rig.CommitAsync();
        Assert.Equal(TimeSpan.FromSeconds(40), await time.ArmedAsync(except: RequestTimeout));
        time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(rig.Options.MaxRetryDelay, await time.ArmedAsync(except: RequestTimeout));
        time.Advance(rig.Options.MaxRetryDelay);
        await rig.UntilEmptyAsync();
    }

    [Fact]
    public async Task Waits_grow_exponentially_with_jitter_up_to_the_longest_and_start_anew_after_success()
    {
        var time = new ManualTime();
        await using var rig = await StartAsync(Options(), time);
        _peer.Then(500, times: 10);
        await rig.CommitAsync();
        var ceiling = rig.Options.MinRetryDelay.TotalSeconds;
        for (var i = 0; i < 10; i++)
        {
            var wait = await time.ArmedAsync(except: RequestTimeout);
            Assert.InRange(wait.TotalSeconds, (ceiling / 2) - 0.001, ceiling + 0.001);
            ceiling = Math.Min(ceiling * 2, rig.Options.MaxRetryDelay.TotalSeconds);
            time.Advance(wait);
        }

        await rig.UntilEmptyAsync();
        _peer.Then(500);
        await rig.CommitAsync();
        var again = await time.ArmedAsync(except: RequestTimeout);
        Assert.InRange(again, TimeSpan.Zero, rig.Options.MinRetryDelay);
        time.Advance(again);
        await rig.UntilEmptyAsync();
    }

    [Fact]
    public async Task A_request_without_an_answer_times_out_and_is_sent_again()
    {
        var time = new ManualTime();
        await using var rig = await StartAsync(Options(), time);
        _peer.ThenSilence();
        await rig.CommitAsync();
        await _peer.Silent.WaitAsync(TimeSpan.FromSeconds(30));
        time.Advance(RequestTimeout);
        var wait = await time.ArmedAsync(except: RequestTimeout);
        Assert.Equal("no answer within 10 s", rig.Status.Problem);
        time.Advance(wait);
        await rig.UntilEmptyAsync();
        AssertInOrder(1, 1);
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again()
    {
        await using var rig = await StartAsync(Fast());
        _peer.ThenAbort().ThenAbort();
        await rig.CommitAsync();
        await rig.UntilEmptyAsync();
        AssertInOrder(1, 1);
        Assert.InRange(rig.Status.Retries, 1, 2); // HttpClient itself may have tried once more
    }

    [Fact]
    public async Task A_chunk_too_large_for_the_server_is_split_until_it_fits()
    {
        _peer.MaxLines = 7;
        await using var rig = await StartAsync(Fast());
        await rig.CommitAsync(100);
        await rig.CommitAsync(3);
        await rig.UntilEmptyAsync();
        AssertInOrder([(0, 100), (1, 3)]);
        Assert.All(_peer.Taken, lines => Assert.InRange(lines.Length, 1, 7));
        Assert.Equal((2, 0), (rig.Status.SentChunks, rig.Status.RejectedLines));
    }

    [Fact]
    public async Task A_server_that_fails_between_two_halves_gets_the_half_that_it_has_not_taken()
    {
        _peer.Then(413).Then(204).Then(503, times: 2);
        await using var rig = await StartAsync(Fast());
        await rig.CommitAsync(4);
        await rig.UntilEmptyAsync();
        AssertInOrder(1, 4);
        Assert.Equal([2, 2], _peer.Taken.Select(t => t.Length));
        Assert.Equal(2, rig.Status.Retries);
    }

    [Fact]
    public async Task A_sender_that_another_process_has_replaced_in_between_stops_and_begins_its_chunk_anew()
    {
        await using var rig = await StartAsync(Fast(), pump: false);
        ContestedOutbox? contested = null;
        rig.Decorate = outbox => contested = new ContestedOutbox(outbox);
        _peer.Refuse = _ =>
        {
            if (_peer.Requests.Count == 2) contested!.Lose(); // while the first half is under way
            return null;
        };
        _peer.Then(413);
        await rig.CommitAsync(4);
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        Assert.Equal([2, 4], _peer.Taken.Select(t => t.Length));
        Assert.InRange(rig.PumpLog.Count(3013), 1, 2);
    }

    [Fact]
    public async Task A_single_line_too_large_for_the_server_is_dropped_counted_and_kept_for_people()
    {
        _peer.MaxLines = 0;
        await using var rig = await StartAsync(Fast());
        await rig.CommitAsync(2);
        await rig.UntilEmptyAsync();
        Assert.Equal(2, rig.Status.RejectedLines);
        Assert.Equal(2, (await rig.Outbox.ReadRejectsAsync(default)).Count);
    }

    [Fact]
    public async Task Refused_lines_are_found_dropped_counted_logged_and_kept_for_people_and_all_others_go()
    {
        _peer.Refuse = line => line.StartsWith("reading_1m,device=d1,", StringComparison.Ordinal) && !line.EndsWith("00120000", StringComparison.Ordinal) ? "unable to parse\n 'x'" : null;
        await using var rig = await StartAsync(Fast());
        await rig.CommitAsync(2);
        await rig.CommitAsync(9);
        await rig.CommitAsync(2);
        await rig.UntilEmptyAsync();
        Assert.Equal(11, _peer.Taken.SelectMany(t => t).Select(Key).Distinct().Count());
        Assert.Equal(2, rig.Status.RejectedLines);
        Assert.Equal(2, rig.PumpLog.Count(3012));
        var rejects = await rig.Outbox.ReadRejectsAsync(default);
        Assert.Equal([1, 1], rejects.Select(r => r.Lines));
        Assert.All(rejects, r => Assert.Equal("400: unable to parse  'x'", r.Message));
        Assert.All(rejects, r => Assert.StartsWith("reading_1m,device=d1,", r.Sample, StringComparison.Ordinal));
        Assert.True(rig.Status.Healthy);
    }

    [Fact]
    public async Task A_server_that_refuses_everything_costs_a_bounded_number_of_requests()
    {
        _peer.Refuse = _ => "no";
        await using var rig = await StartAsync(Fast());
        await rig.CommitAsync(2_000);
        await rig.UntilEmptyAsync();
        Assert.Equal(2_000, rig.Status.RejectedLines);
        Assert.InRange(_peer.Requests.Count, 1_000, 1_020);
        Assert.Equal(2_000, (await rig.Outbox.ReadRejectsAsync(default)).Sum(r => r.Lines));
    }

    [Fact]
    public async Task A_missing_database_is_created_and_the_write_repeated()
    {
        _peer.Then(404, "database not found: \"city\"").Then(200);
        await using var rig = await StartAsync(Fast());
        await rig.CommitAsync();
        await rig.UntilEmptyAsync();
        Assert.Equal(["/write?db=city&precision=ms", "/query", "/write?db=city&precision=ms"], _peer.Requests);
        Assert.Equal(0, rig.Status.Retries);
    }

    [Fact]
    public async Task A_missing_bucket_of_the_v2_api_that_cannot_be_made_waits_for_somebody_to_create_it()
    {
        _peer.Then(404, "bucket not found").Then(403, "no");
        var options = Fast();
        options.Org = "city hall";
        options.Database = "b&c";
        await using var rig = await StartAsync(options);
        await rig.CommitAsync();
        await rig.UntilEmptyAsync();
        const string Write = "/api/v2/write?org=city%20hall&bucket=b%26c&precision=ms";
        Assert.Equal([Write, "/api/v2/orgs?org=city%20hall", Write], _peer.Requests);
        Assert.Equal(1, rig.Status.Retries);
    }

    [Fact]
    public async Task What_was_not_sent_survives_the_end_of_the_process()
    {
        await using var rig = await StartAsync(Fast(), pump: false);
        for (var i = 0; i < 4; i++) await rig.CommitAsync(2);
        var bytes = rig.Status.WaitingBytes;
        await rig.StopAsync();
        await rig.OpenAsync();
        Assert.Equal((4, bytes), (rig.Status.WaitingChunks, rig.Status.WaitingBytes));
        await rig.CommitAsync(2);
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        AssertInOrder(5, 2);
        await rig.StopAsync();
        await rig.OpenAsync();
        Assert.Equal((0, 0), (rig.Status.WaitingChunks, rig.Status.WaitingBytes));
    }

    [Fact]
    public async Task With_nobody_listening_commits_go_on_and_all_is_sent_when_the_server_starts()
    {
        var port = ServerProcess.FreePort();
        var options = Fast();
        options.Url = $"http://127.0.0.1:{port}";
        await using var rig = await StartAsync(options);
        for (var i = 0; i < 10; i++) await rig.CommitAsync();
        await rig.UntilAsync(() => rig.Status.Retries >= 3, "three refused connections");
        Assert.Equal((10, false), (rig.Status.WaitingChunks, rig.Status.Healthy));
        Assert.Equal(1, rig.PumpLog.Count(3010));
        await _peer.DisposeAsync();
        _peer = await ScriptedPeer.StartAsync(port);
        await rig.UntilEmptyAsync();
        AssertInOrder(10, 1);
        Assert.Equal(1, rig.PumpLog.Count(3011));
    }

    [Fact]
    public async Task A_full_outbox_stops_growing_loses_nothing_and_sends_the_newest_state_later()
    {
        var options = Fast();
        options.MaxOutboxBytes = 700;
        await using var rig = await StartAsync(options, pump: false);
        for (var i = 0; i < 30; i++) await rig.CommitAsync(2);
        await rig.Store.WriteAsync([Sample.Window("d0", startMs: Sample.T0 + (29 * 60_000), values: [1, 2, 3, 4, 5])], [Sample.Area(startMs: Sample.T0 + (29 * 60_000))], default);
        Assert.InRange(rig.Status.WaitingBytes, 1, 700);
        Assert.Equal(30, rig.Status.WaitingChunks + rig.Status.WaitingStarts);
        Assert.False(rig.Status.Healthy);
        Assert.Equal(1, rig.Home.Logged(3002));

        await rig.StopAsync();
        await rig.OpenAsync();
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        var lines = _peer.Taken.SelectMany(t => t).ToList();
        Assert.Equal(61, lines.Count);
        Assert.Equal(61, lines.Select(Key).Distinct().Count());
        Assert.Contains(lines, l => l.StartsWith("reading_1m,device=d0,", StringComparison.Ordinal) && l.Contains("pm25_count=5i", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("area_1m,area=hn,kind=air ", StringComparison.Ordinal));
        Assert.True(rig.Status.Healthy);
    }

    /// <summary>A new place for a store.</summary>
    private protected abstract Task<OutboxHome> NewHomeAsync();

    private protected async Task<OutboxRig> StartAsync(InfluxOptions options, TimeProvider? time = null, bool pump = true) =>
        await OutboxRig.StartAsync(options, time, pump, await NewHomeAsync());

    private static string Key(string line) => line.Split(' ')[0] + line.Split(' ')[^1];

    private InfluxOptions Options() => new() { Url = _peer.Url, RequestTimeout = RequestTimeout };

    private protected InfluxOptions Fast() => new()
    {
        Url = _peer.Url,
        MinRetryDelay = TimeSpan.FromMilliseconds(1),
        MaxRetryDelay = TimeSpan.FromMilliseconds(20),
    };

    private protected void AssertInOrder(int commits, int devices) => AssertInOrder([.. Enumerable.Range(0, commits).Select(c => (c, devices))]);

    private void AssertInOrder((int Commit, int Devices)[] expected) => Assert.Equal(
        expected.SelectMany(e => Enumerable.Range(0, e.Devices).Select(d => $"reading_1m,device=d{d},kind=air,region=bac,unit=hn{Sample.T0 + (e.Commit * 60_000L)}")),
        _peer.Taken.SelectMany(t => t).Select(Key));
}
