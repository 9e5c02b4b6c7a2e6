using System.Diagnostics;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>When timers fire, and when they no longer do.</summary>
public sealed class TimerTests(SharedSilo silo) : ContractTests(silo)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_never = Timeout.InfiniteTimeSpan;
    private readonly string _key = ContractSilo.NewKey("timer");

    private ITimerGrain Grain => Grains.GetGrain<ITimerGrain>(_key);

    private Scene Ticks => Scene(_key);

    [Fact]
    public async Task A_timer_fires_when_it_is_due_and_not_before()
    {
        var clock = Stopwatch.StartNew();
        await Grain.Start("once", TimeSpan.FromMilliseconds(300), s_never, TimerKind.Plain);
        await Ticks.Noted("once tick");
        Assert.True(clock.ElapsedMilliseconds >= 290, $"It fired after {clock.ElapsedMilliseconds} ms.");
    }

    [Fact]
    public async Task A_timer_that_is_due_at_once_fires()
    {
        await Grain.Start("once", TimeSpan.Zero, s_never, TimerKind.Plain);
        await Ticks.Noted("once tick");
    }

    [Fact]
    public async Task A_timer_without_a_period_fires_once()
    {
        await Grain.Start("once", s_soon, s_never, TimerKind.Plain);
        await Ticks.Noted("once tick");
        await TenTicksOfAnother();
        Assert.Equal(1, Ticks.Count("once tick"));
    }

    [Fact]
    public async Task A_timer_with_a_period_fires_again_and_again_at_that_pace()
    {
        var clock = Stopwatch.StartNew();
        await Grain.Start("pace", TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50), TimerKind.Plain);
        await Ticks.Noted("pace tick", 5);
        Assert.InRange(clock.ElapsedMilliseconds, 230, 5000);
    }

    [Fact]
    public async Task A_timer_that_is_never_due_waits_for_its_change()
    {
        await Grain.Start("later", s_never, s_never, TimerKind.Plain);
        await TenTicksOfAnother();
        Assert.False(Ticks.Has("later tick"));
        await Grain.Change("later", TimeSpan.Zero, s_soon);
        await Ticks.Noted("later tick", 3);
    }

    [Fact]
    public async Task A_change_replaces_due_time_and_period()
    {
        await Grain.Start("changed", s_soon, s_soon, TimerKind.Plain);
        await Ticks.Noted("changed tick", 2);
        await Grain.Change("changed", s_never, s_never);
        await AssertNoMoreTicks("changed");
    }

    [Fact]
    public async Task A_timer_that_is_disposed_of_fires_no_more()
    {
        await Grain.Start("stopped", s_soon, s_soon, TimerKind.Plain);
        await Ticks.Noted("stopped tick", 2);
        await Grain.Stop("stopped");
        await AssertNoMoreTicks("stopped");
    }

    [Fact]
    public async Task A_callback_disposes_of_its_own_timer()
    {
        await Grain.Start("suicidal", s_soon, s_soon, TimerKind.StopsItself);
        await Ticks.Noted("suicidal tick");
        await TenTicksOfAnother();
        Assert.Equal(1, Ticks.Count("suicidal tick"));
    }

    [Fact]
    public async Task Timers_of_one_grain_do_not_depend_on_each_other()
    {
        await Grain.Start("one", s_soon, s_soon, TimerKind.Plain);
        await Grain.Start("two", s_soon, s_soon, TimerKind.Plain);
        await Ticks.Noted("one tick");
        await Grain.Stop("one");
        await Ticks.Noted("two tick", Ticks.Count("two tick") + 5);
    }

    [Theory]
    [InlineData(TimerKind.Throws)]
    [InlineData(TimerKind.ThrowsAtOnce)]
    [InlineData(TimerKind.Throws | TimerKind.Interleave)]
    public async Task A_callback_that_throws_does_not_stop_its_timer_nor_its_grain(TimerKind kind)
    {
        await Grain.Start("failing", s_soon, s_soon, kind);
        await Ticks.Noted("failing tick", 4);
        Ticks.Open("work");
        await Within(Grain.Work("work"), "a call of the grain");
        Assert.DoesNotContain(Ticks.Notes, n => n.StartsWith("deactivated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Timers_end_with_their_activation()
    {
        await Grain.Start("mortal", s_soon, s_soon, TimerKind.Plain);
        await Ticks.Noted("mortal tick", 2);
        await Grain.Leave();
        await Ticks.Noted("deactivated ApplicationRequested");
        await AssertNoMoreTicks("mortal");
        await Grain.Settle(); // nor do they come back with the next one
        await AssertNoMoreTicks("mortal");
    }

    [Fact]
    public async Task The_token_of_a_callback_is_cancelled_when_its_timer_is_disposed_of()
    {
        await Grain.Start("waiting", TimeSpan.Zero, s_never, TimerKind.WaitsForToken | TimerKind.Interleave);
        await Ticks.Noted("waiting tick");
        await Grain.Stop("waiting");
        await Ticks.Noted("waiting token cancelled");
    }

    private async Task AssertNoMoreTicks(string name)
    {
        var before = Ticks.Count($"{name} tick");
        await TenTicksOfAnother();
        Assert.InRange(Ticks.Count($"{name} tick"), before, before + 1); // one may have been on its way
        before = Ticks.Count($"{name} tick");
        await TenTicksOfAnother();
        Assert.Equal(before, Ticks.Count($"{name} tick"));
    }

    /// <summary>The time that a timer of the same period takes for ten ticks.</summary>
    private async Task TenTicksOfAnother()
    {
        var key = ContractSilo.NewKey("clock");
        await Grains.GetGrain<ITimerGrain>(key).Start("clock", s_soon, s_soon, TimerKind.Plain);
        await Scene(key).Noted("clock tick", 10);
        await Grains.GetGrain<ITimerGrain>(key).Stop("clock");
    }
}
