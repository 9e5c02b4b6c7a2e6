namespace SmartCity.Orleans.Contract.Tests;

/// <summary>How callbacks of timers and calls share a grain.</summary>
public sealed class TimerTurnTests(SharedSilo silo) : ContractTests(silo)
{
    private static readonly TimeSpan s_never = Timeout.InfiniteTimeSpan;
    private readonly string _key = ContractSilo.NewKey("timer");

    private ITimerGrain Grain => Grains.GetGrain<ITimerGrain>(_key);

    private Scene Ticks => Scene(_key);

    [Fact]
    public async Task A_tick_waits_for_the_call_that_is_inside()
    {
        await Grain.Start("polite", s_never, s_never, TimerKind.Plain);
        var work = Grain.Work("work");
        await Ticks.Noted("work in");
        await Grain.Change("polite", TimeSpan.Zero, s_never);
        await AnotherTimerFires();
        Assert.False(Ticks.Has("polite tick"));
        Ticks.Open("work");
        await work;
        await Ticks.Noted("polite tick");
    }

    [Fact]
    public async Task A_call_waits_for_the_tick_that_is_inside()
    {
        await Grain.Start("slow", TimeSpan.Zero, s_never, TimerKind.Slow);
        await Ticks.Noted("slow in");
        var work = Grain.Work("work");
        await Grain.Settle();
        Assert.False(Ticks.Has("work in"));
        Ticks.Open("slow");
        await Ticks.Noted("work in");
        Assert.True(Ticks.Has("slow out"));
        Ticks.Open("work");
        await Within(work, "the call behind the tick");
    }

    [Fact]
    public async Task An_interleaving_tick_enters_while_a_call_awaits()
    {
        await Grain.Start("eager", s_never, s_never, TimerKind.Interleave);
        var work = Grain.Work("work");
        await Ticks.Noted("work in");
        await Grain.Change("eager", TimeSpan.Zero, s_never);
        await Ticks.Noted("eager tick");
        Assert.False(work.IsCompleted);
        Ticks.Open("work");
        await Within(work, "the call");
    }

    [Fact]
    public async Task A_call_enters_while_an_interleaving_tick_awaits()
    {
        await Grain.Start("eager", TimeSpan.Zero, s_never, TimerKind.Interleave | TimerKind.Slow);
        await Ticks.Noted("eager in");
        Ticks.Open("work");
        await Within(Grain.Work("work"), "the call");
        Assert.False(Ticks.Has("eager out"));
        Ticks.Open("eager");
        await Ticks.Noted("eager out");
    }

    [Theory]
    [InlineData(TimerKind.Plain)]
    [InlineData(TimerKind.Interleave)]
    public async Task A_timer_does_not_fire_again_before_its_callback_has_ended(TimerKind kind)
    {
        await Grain.Start("slow", TimeSpan.Zero, TimeSpan.FromMilliseconds(10), TimerKind.Slow | kind);
        await Ticks.Noted("slow in");
        await AnotherTimerFires(10);
        Assert.Equal(1, Ticks.Count("slow tick"));
        Ticks.Open("slow");
        await Ticks.Noted("slow tick", 5);
        Assert.False(Ticks.Has("slow overlaps"));
    }

    [Fact]
    public async Task A_timer_of_an_activation_that_has_not_ended_waits_for_its_end()
    {
        Ticks.Note("start in activation");
        Ticks.Hold("activate");
        var call = Grain.Settle();
        await Ticks.Noted("started");
        await AnotherTimerFires();
        Assert.False(Ticks.Has("early tick"));
        Ticks.Open("activate");
        await Within(call, "the call");
        await Ticks.Noted("early tick");
    }

    private async Task AnotherTimerFires(int times = 5)
    {
        var key = ContractSilo.NewKey("clock");
        await Grains.GetGrain<ITimerGrain>(key).Start("clock", TimeSpan.Zero, TimeSpan.FromMilliseconds(20), TimerKind.Plain);
        await Scene(key).Noted("clock tick", times);
        await Grains.GetGrain<ITimerGrain>(key).Stop("clock");
    }
}
