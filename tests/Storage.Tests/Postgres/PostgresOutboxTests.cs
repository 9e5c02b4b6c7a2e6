using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>The outbox in PostgreSQL: the same, and several processes that fill it while one sends.</summary>
public sealed class PostgresOutboxTests(PostgresServer server) : OutboxConformance, IClassFixture<PostgresServer>
{
    [Fact]
    public async Task Of_several_processes_one_sends_what_all_have_committed_and_another_takes_over_when_it_stops()
    {
        var home = await NewHomeAsync();
        await using var first = await OutboxRig.StartAsync(Fast(), home: home);
        await first.CommitAsync();
        await first.UntilEmptyAsync();
        await using var second = await OutboxRig.StartAsync(Fast(), home: home);
        await second.CommitAsync(2);
        await first.UntilAsync(() => first.Status.SentChunks == 2, "the chunk of the other process");
        Assert.Equal((0, null), (second.Status.SentChunks, second.Status.Reachable));
        await first.StopAsync();
        await second.CommitAsync();
        await second.UntilEmptyAsync();
        Assert.Equal(1, second.Status.SentChunks);
        Assert.Equal([1, 2, 1], Peer.Taken.Select(t => t.Length));
        Assert.Equal(0, home.Logged(3016)); // it ended well, so nothing had to be waited for
    }

    [Fact]
    public async Task A_sender_that_dies_with_a_request_under_way_is_followed_by_another_only_when_the_request_must_be_over()
    {
        var time = new ManualTime();
        var home = await NewHomeAsync();
        var options = Fast();
        await using var dead = await OutboxRig.StartAsync(options, home: home);
        Peer.ThenSilence();
        await dead.CommitAsync();
        await Peer.Silent.WaitAsync(TimeSpan.FromSeconds(30));
        await server.EndSessionsAsync(); // as the death of the process does
        await dead.StopAsync();

        await using var heir = await OutboxRig.StartAsync(options, time, home: home);
        Assert.Equal(options.RequestTimeout, await time.ArmedAsync(except: TimeSpan.Zero));
        Assert.Equal((1, 1), (home.Logged(3015), home.Logged(3016))); // it has the lock and waits; only the dead one has begun to send
        time.Advance(options.RequestTimeout);
        await heir.UntilEmptyAsync();
        AssertInOrder(1, 1);
        Assert.Equal(2, home.Logged(3015));
    }

    [Fact]
    public async Task A_sender_that_stops_with_one_of_two_chunks_under_way_is_waited_for()
    {
        const int Backlog = 20;
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        influx.Intervene = async request =>
        {
            if (FakeInflux.Lines(request).All(l => LineText.Start(Encoding.UTF8.GetBytes(l)) < Sample.T0 + (Backlog * 60_000))) await held.Task;
            return null;
        };
        var options = InfluxV3WriteTests.Options(influx);
        options.MaxLiveChunks = 10;
        var home = await NewHomeAsync();
        await using var first = await OutboxRig.StartAsync(options, home: home, pump: false);
        for (var i = 0; i < Backlog; i++) await first.CommitAsync();
        await first.PumpAsync();
        await influx.UntilAsync(f => f.Requests.Count == 1, "the first chunk of the backlog");
        await first.CommitAsync();
        await first.UntilAsync(() => first.Status.SentChunks == 1, "the new window, beside the backlog");
        await first.StopAsync();

        var time = new ManualTime();
        await using var heir = await OutboxRig.StartAsync(options, time, home: home);
        TimeSpan wait;
        while ((wait = await time.ArmedAsync(except: TimeSpan.Zero)) < options.RequestTimeout) time.Advance(wait); // the server had not noticed yet
        Assert.Equal((options.RequestTimeout, 1), (wait, home.Logged(3016)));
        held.SetResult();
        await influx.QuietAsync();
        time.Advance(wait);
        await heir.UntilEmptyAsync();
        Assert.Equal(Backlog + 1, influx.Stored.Count);
        Assert.Empty(influx.Overwritten);
    }

    [Fact]
    public async Task A_sender_that_loses_its_lock_between_two_halves_of_a_chunk_does_not_send_the_second()
    {
        await using var rig = await StartAsync(Fast());
        Peer.Then(413).ThenDuring(server.EndSessionsAsync);
        await rig.CommitAsync(4);
        await rig.UntilEmptyAsync();
        Assert.Equal([2, 4], Peer.Taken.Select(t => t.Length)); // the lock is its own again, so it begins again
        Assert.Equal(1, rig.PumpLog.Count(3013));
    }

    [Fact]
    public async Task A_server_that_is_restarted_costs_nothing()
    {
        await using var rig = await StartAsync(Fast());
        await rig.CommitAsync();
        await rig.UntilEmptyAsync();
        await server.RestartAsync();
        await rig.CommitAgainAsync();
        await rig.UntilAsync(() => rig.Status.SentChunks == 2, "the chunk after the restart");
        Assert.Equal(2, rig.Home.Logged(3015));
    }

    [Fact]
    public async Task What_many_processes_revise_at_once_ends_with_the_newest_state_of_each_window_and_area()
    {
        const int Writers = 4, Revisions = 20;
        var home = await NewHomeAsync();
        await using var rig = await OutboxRig.StartAsync(Fast(), home: home);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
        {
            var (store, _) = home.Create(Fast(), TimeProvider.System);
            await using var _ = store;
            await store.OpenAsync(default);
            for (var i = 1; i <= Revisions; i++)
            {
                await store.CommitAsync(new()
                {
                    Origin = new($"w{w}", i),
                    Windows = { Sample.Window(device: $"d{w}", revision: i, values: [.. Enumerable.Range(1, i).Select(v => (double)v)]) },
                    AreaDeltas = { Sample.Area(area: "vn", values: [1]) },
                }, default);
            }
        })));
        await rig.CommitAsync(); // what the rig knows of the others' commits is as new as its own last
        await rig.UntilEmptyAsync();
        var lines = Peer.Taken.SelectMany(t => t).ToList();
        for (var w = 0; w < Writers; w++)
        {
            var device = lines.Where(l => l.StartsWith($"reading_1m,device=d{w},", StringComparison.Ordinal) && l.Contains("pm25_count=", StringComparison.Ordinal)).Select(Count);
            Assert.Equal(Enumerable.Range(1, Revisions), w == 0 ? device.SkipLast(1) : device); // the rig's own window is d0's last
        }

        Assert.Equal(Enumerable.Range(1, Writers * Revisions), lines.Where(l => l.StartsWith("area_1m,area=vn,", StringComparison.Ordinal)).Select(Count));
    }

    [Fact]
    public async Task A_refused_or_repeated_commit_adds_nothing()
    {
        await using var rig = await StartAsync(Fast(), pump: false);
        StoreCommit Commit(string writer) => new() { Origin = new(writer, 1), Windows = { Sample.Window() } };
        await rig.Store.CommitAsync(Commit("w"), default);
        await rig.Store.CommitAsync(Commit("w"), default);
        await Assert.ThrowsAsync<StaleWindowsException>(() => rig.Store.CommitAsync(Commit("x"), default));
        Assert.Equal(1, rig.Status.WaitingChunks);
    }

    [Fact]
    public async Task A_reign_ends_with_the_connection_and_its_number_is_not_confirmed_in_the_next()
    {
        await using var rig = await StartAsync(Fast(), pump: false);
        var first = await rig.Outbox.BeginAsync(default);
        await rig.Outbox.ConfirmAsync(first, default);
        await server.EndSessionsAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => rig.Outbox.ConfirmAsync(first, default));
        var second = await rig.Outbox.BeginAsync(default);
        Assert.NotEqual(first, second);
        await Assert.ThrowsAsync<InvalidOperationException>(() => rig.Outbox.ConfirmAsync(first, default));
        await rig.Outbox.ConfirmAsync(second, default);
        Assert.Equal(0, rig.Home.Logged(3016)); // nobody else has sent
    }

    [Fact]
    public async Task Requests_are_confirmed_while_other_calls_are_under_way_and_the_reign_stays_the_same()
    {
        await using var rig = await StartAsync(Fast(), pump: false);
        var reign = await rig.Outbox.BeginAsync(default);
        var changed = rig.Outbox.ChangedAsync(default);
        var confirming = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++) await rig.Outbox.ConfirmAsync(reign, default);
        })).ToList();
        for (var all = Task.WhenAll(confirming); !all.IsCompleted;)
        {
            Assert.Equal(reign, await rig.Outbox.BeginAsync(default));
            Assert.Equal((0, 0), await rig.Outbox.RangeAsync(default));
        }

        await Task.WhenAll(confirming);
        Assert.False(changed.IsCompleted);
        await rig.CommitAsync();
        await changed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Anybody_may_ask_for_the_earliest_start_that_waits_also_before_the_store_is_open()
    {
        var home = await NewHomeAsync();
        var (early, waiting) = home.Create(Fast(), TimeProvider.System);
        Assert.Equal(long.MinValue + 1, await waiting.FirstStartAsync(default));
        await early.OpenAsync(default);
        Assert.Equal(long.MaxValue, await waiting.FirstStartAsync(default));
        await using var sender = await OutboxRig.StartAsync(Fast(), home: home, pump: false);
        await sender.Outbox.BeginAsync(default);
        await sender.CommitAsync();
        await sender.CommitAsync();
        Assert.Equal(Sample.T0, await waiting.FirstStartAsync(default));
        await sender.Outbox.CompleteAsync((await sender.Outbox.OldestAsync(0, default))!, null, 0, [], default);
        Assert.Equal(Sample.T0 + 60_000, await waiting.FirstStartAsync(default));
        await early.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task However_often_the_sender_loses_its_lock_with_requests_under_way_no_older_version_of_a_window_follows_a_newer_one(int seed)
    {
        const int Ends = 4;
        var random = new Random(seed);
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var (ends, requests) = (0, 0);
        influx.Intervene = async _ =>
        {
            if (Interlocked.Increment(ref requests) % 9 != 0 || Interlocked.Increment(ref ends) > Ends) return null;
            await server.EndSessionsAsync();
            return null;
        };
        var options = InfluxV3WriteTests.Options(influx);
        (options.MaxLiveChunks, options.MaxConcurrency, options.MaxOutboxBytes, options.RequestTimeout) = (3, 3, 10_000, TimeSpan.FromSeconds(4));
        var home = await NewHomeAsync();
        await using var first = await OutboxRig.StartAsync(options, home: home);
        await using var second = await OutboxRig.StartAsync(options, home: home);
        var newest = new Dictionary<(string Device, int Minute), int>();
        for (var step = 0; step < 150; step++)
        {
            var windows = new List<DeviceWindow>();
            foreach (var device in (string[])["d0", "d1", "d2"])
            {
                var key = (device, random.Next(3) == 0 ? random.Next((step / 5) + 1) : step / 5);
                newest[key] = newest.GetValueOrDefault(key) + 1;
                windows.Add(Sample.Window(device, startMs: Sample.T0 + (key.Item2 * 60_000), values: [7, newest[key]], revision: newest[key]));
            }

            await (step % 2 == 0 ? first : second).CommitAgainAsync(StoreCommit.Of(windows, []));
        }

        await influx.UntilAsync(
            f => f.Stored.Count == newest.Count && f.Stored.Values.Sum(FakeInflux.Revision) == newest.Values.Sum(), "the newest version of each window");
        Assert.Empty(influx.Overwritten);
        Assert.True(ends > Ends, $"Only {ends} ends in {requests} requests.");
    }

    private static int Count(string line) => int.Parse(line.Split("pm25_count=")[1].Split('i')[0], System.Globalization.CultureInfo.InvariantCulture);

    private protected override async Task<OutboxHome> NewHomeAsync() => new PostgresOutboxHome(await server.NewDatabaseAsync());
}
