using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using SmartCity.Tests;

namespace SmartCity.Orleans.Tests;

/// <summary>What nobody but the log tells: it names the grain, and the host goes on.</summary>
public sealed class LogTests : IDisposable
{
    private const int MostWaiting = 3;

    private readonly FakeTimeProvider _clock = new(0);
    private readonly GrainHost _host;

    public LogTests() => _host = new(_clock, Configure);

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shard_survives_an_exception_outside_any_call_and_says_so(bool later)
    {
        var grain = Odd("outside");
        var number = await grain.Number();
        for (var i = 1; i <= 5; i++)
        {
            await grain.FailOutside(later);
            Assert.Equal(number, await grain.Number());
            Assert.Equal("OddGrain/outside threw outside any call.", await _host.LineAsync(2001, i));
        }
    }

    [Theory]
    [InlineData(Farewell.HookThrows)]
    [InlineData(Farewell.HookThrowsLater)]
    [InlineData(Farewell.DisposeThrows)]
    [InlineData(Farewell.DisposeThrowsLater)]
    public async Task A_grain_that_fails_as_it_leaves_is_named_and_leaves_all_the_same(Farewell how)
    {
        var grain = Odd($"leaves-{how}");
        var number = await grain.Number();
        await grain.LeaveBadly(how);
        Assert.Equal($"OddGrain/leaves-{how} failed while it was deactivated; it has left the memory all the same.", await _host.LineAsync(2002));
        Assert.Equal(number + 1, await grain.Number());
        Assert.Equal(1, _host.Logged(2002));
    }

    [Fact]
    public async Task A_grain_that_leaves_well_is_not_mentioned()
    {
        await Odd("leaves well").LeaveBadly(Farewell.Well);
        await Eventually.IsTrue(() => _host.Active == 0, "the grain to leave");
        Assert.Equal(0, _host.Logged(2002));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_one_way_call_that_fails_is_named(bool later)
    {
        var grain = Odd("forgets");
        await grain.Forget(later);
        Assert.Equal("The one-way call IOddGrain.Forget on OddGrain/forgets failed; its caller does not know.", await _host.LineAsync(2003));
        Assert.True(await grain.Number() > 0);
    }

    [Fact]
    public async Task A_tick_that_fails_is_logged_and_the_timer_goes_on()
    {
        await Odd("ticks").StartFailingTimer();
        for (var tick = 1; tick <= 3; tick++)
        {
            await Eventually.IsTrue(() => _clock.Waiting == 2, "the timer to be armed again, beside the clock's own");
            Assert.Equal(tick - 1, _host.Logged(2004));
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("A timer of OddGrain/ticks failed; it goes on.", await _host.LineAsync(2004, tick));
        }
    }

    [Fact]
    public async Task A_timer_that_fails_as_it_is_stopped_keeps_its_grain_from_nothing()
    {
        var grain = Odd("unstoppable");
        var number = await grain.Number();
        await grain.StartTimerThatFailsToStop();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await grain.Number(); // behind the tick
        await grain.LeaveBadly(Farewell.Well);
        Assert.Equal(number + 1, await Eventually.Within(grain.Number().AsTask(), "the next activation"));
        Assert.Equal("What a timer of OddGrain/unstoppable had registered with its token failed; the timer is stopped all the same.", await _host.LineAsync(2010));
    }

    [Fact]
    public async Task Refused_calls_are_logged_ever_more_rarely_with_their_number()
    {
        var grain = Odd("full");
        var held = grain.Hold("full");
        await Eventually.Within(Gates.Of("full in").Task, "the call to begin");
        var waiting = Enumerable.Range(0, MostWaiting).Select(_ => grain.Number().AsTask()).ToList();
        for (var i = 0; i < 9; i++) await Assert.ThrowsAsync<global::Orleans.Runtime.LimitExceededException>(() => grain.Number().AsTask());
        Gates.Of("full").SetResult();
        await Eventually.Within(Task.WhenAll([held, .. waiting]), "the calls that were not refused");
        Assert.Equal(4, _host.Logged(2005)); // 1, 2, 4, 8
        Assert.Equal("OddGrain/full refuses calls: 3 wait already (SiloMessagingOptions.MaxEnqueuedRequestsHardLimit). Refused so far: 8.", _host.TextOf(2005));
    }

    [Fact]
    public async Task A_call_that_blocks_its_thread_for_five_seconds_is_named_once()
    {
        var grain = Odd("blocks");
        var blocked = grain.Block("blocks");
        await Eventually.Within(Gates.Of("blocks in").Task, "the call to begin");
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Empty(_host.LinesOf(2006));
        for (var i = 0; i < 10; i++) _clock.Advance(TimeSpan.FromSeconds(1));
        AssertBlames("IOddGrain.Block", "blocks");
        Gates.Of("blocks").SetResult();
        await Eventually.Within(blocked, "the blocked call");
        Assert.True(await grain.Number() > 0);
        _clock.Advance(TimeSpan.FromSeconds(10));
        AssertBlames("IOddGrain.Block", "blocks");
    }

    [Fact]
    public async Task A_call_that_blocks_its_thread_after_an_await_is_named()
    {
        var blocked = Odd("blocks later").HoldThenBlock("hold", "blocks later");
        await Eventually.Within(Gates.Of("hold in").Task, "the call to begin");
        Gates.Of("hold").SetResult();
        await Eventually.Within(Gates.Of("blocks later in").Task, "the call to block");
        for (var i = 0; i < 10; i++) _clock.Advance(TimeSpan.FromSeconds(1));
        AssertBlames("a continuation of IOddGrain.HoldThenBlock", "blocks later");
        Gates.Of("blocks later").SetResult();
        await Eventually.Within(blocked, "the blocked call");
    }

    [Fact]
    public async Task A_call_that_waited_its_turn_and_then_blocks_its_thread_is_named()
    {
        var grain = Odd("blocks in turn");
        var first = grain.Hold("first");
        await Eventually.Within(Gates.Of("first in").Task, "the first call to begin");
        var blocked = grain.Block("in turn");
        Gates.Of("first").SetResult();
        await Eventually.Within(Gates.Of("in turn in").Task, "the second call to block");
        for (var i = 0; i < 10; i++) _clock.Advance(TimeSpan.FromSeconds(1));
        AssertBlames("IOddGrain.Block", "blocks in turn");
        Gates.Of("in turn").SetResult();
        await Eventually.Within(Task.WhenAll(first, blocked), "both calls");
    }

    [Fact]
    public async Task Memory_that_runs_short_is_logged_and_only_idle_grains_leave()
    {
        using var host = new GrainHost(_clock, services => services.Configure<GrainCollectionOptions>(o =>
            (o.EnableActivationSheddingOnMemoryPressure, o.MemoryUsageLimitPercentage, o.MemoryUsageTargetPercentage) = (true, 0, 0)));
        var grain = host.Grains.GetGrain<IOddGrain>("sheds");
        var number = await grain.Number();
        _clock.Advance(TimeSpan.FromMinutes(8));
        Assert.Matches("^Memory in use is [0-9]+ % \\(limit 0 %\\): grains idle for 450 s and more are deactivated.$", await host.LineAsync(2007));
        await Eventually.IsTrue(() => host.Active == 0, "the idle grain to leave");
        Assert.Equal(number + 1, await grain.Number());
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains("grains idle for 225 s and more", await host.LineAsync(2007, 2), StringComparison.Ordinal);
        Assert.Equal(number + 1, await grain.Number());
    }

    [Fact]
    public async Task A_host_that_stops_before_its_grains_are_idle_says_how_many_are_left()
    {
        var held = Odd("held").Hold("held");
        await Eventually.Within(Gates.Of("held in").Task, "the call to begin");
        await Odd("idle").Number();
        using var patience = new CancellationTokenSource();
        var drain = _host.DrainAsync(patience.Token);
        await Eventually.IsTrue(() => _host.Active == 1, "the idle grain to leave");
        Assert.Equal(0, _host.Logged(2008));
        await patience.CancelAsync();
        await Eventually.Within(drain, "the end of the drain");
        Assert.Equal("The host stops with 1 grains still active: they were not idle in time.", _host.TextOf(2008));
        Gates.Of("held").SetResult();
        await Eventually.Within(held, "the held call");
    }

    [Fact]
    public async Task A_host_that_drains_in_time_says_nothing()
    {
        for (var i = 0; i < 20; i++) await Odd($"drains-{i}").Number();
        Assert.Equal(20, _host.Active);
        await Eventually.Within(_host.DrainAsync(CancellationToken.None), "the end of the drain");
        Assert.Equal((0, 0), (_host.Active, _host.Logged(2008)));
    }

    [Fact]
    public async Task Upkeep_that_fails_is_logged_and_goes_on()
    {
        // Time-outs of activations run what grains registered with the token, on the shard's own time.
        for (var i = 1; i <= 2; i++)
        {
            var call = Odd($"stuck-{i}").Number().AsTask();
            await Eventually.Within(Gates.Of($"stuck-{i} in").Task, "the activation to begin");
            _clock.Advance(TimeSpan.FromSeconds(11));
            var error = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.Within(call, "the activation to be given up"));
            Assert.Contains($"OddGrain/stuck-{i} was not activated within 00:00:10", error.Message, StringComparison.Ordinal);
            Assert.Equal("The upkeep of the grain host failed; it goes on.", await _host.LineAsync(2009, i));
        }

        Assert.True(await Odd("after it").Number() > 0);
    }

    private static void Configure(IServiceCollection services) => services
        .Configure<SiloMessagingOptions>(o => o.MaxEnqueuedRequestsHardLimit = MostWaiting)
        .Configure<GrainCollectionOptions>(o => o.ActivationTimeout = TimeSpan.FromSeconds(10));

    private IOddGrain Odd(string key) => _host.Grains.GetGrain<IOddGrain>(key);

    // Only lines of this grain: the test's clock is so fast that a shard may be suspected that merely was not given the processor.
    private void AssertBlames(string turn, string key) => Assert.Matches(
        $"^Shard [0-9]+ has been in one turn for [5-9] s: {turn} on OddGrain/{key}\\. Its grain blocks its thread",
        Assert.Single(_host.LinesOf(2006), l => l.Contains($"/{key}.", StringComparison.Ordinal)));
}
