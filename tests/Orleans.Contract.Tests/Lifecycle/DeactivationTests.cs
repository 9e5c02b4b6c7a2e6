namespace SmartCity.Orleans.Contract.Tests;

/// <summary>The end of an activation loses no call.</summary>
public sealed class DeactivationTests(SharedSilo silo) : ContractTests(silo)
{
    private readonly string _key = ContractSilo.NewKey("life");

    private ILifeGrain Grain => Grains.GetGrain<ILifeGrain>(_key);

    private Scene Life => Scene(_key);

    [Fact]
    public async Task A_grain_that_asks_for_it_is_deactivated_with_that_reason()
    {
        Assert.Equal(1, await Grain.Number());
        await Grain.Leave();
        await Life.Noted("1 deactivated");
        Assert.Equal(["created", "1 activating", "1 activated", "1 called", "1 deactivating ApplicationRequested", "1 deactivated"], Life.Notes);
    }

    [Fact]
    public async Task The_next_call_after_a_deactivation_gets_a_fresh_activation()
    {
        await Grain.Leave();
        await Life.Noted("1 deactivated");
        Assert.Equal(2, await Grain.Number());
    }

    [Fact]
    public async Task The_call_that_asks_for_the_end_ends_before_the_hook_runs()
    {
        var leaving = Grain.LeaveThenWork("last");
        await Life.Noted("last in");
        for (var i = 0; i < 20; i++) await Grains.GetGrain<ILifeGrain>($"{_key}-other").Settle();
        Assert.False(Life.Has("1 deactivating ApplicationRequested"));
        Life.Open("last");
        Assert.Equal(1, await Within(leaving, "the call that asked for the end"));
        await Life.Noted("1 deactivated");
        Assert.True(Array.IndexOf(Life.Notes, "last out") < Array.IndexOf(Life.Notes, "1 deactivating ApplicationRequested"));
    }

    [Fact]
    public async Task Calls_made_while_the_hook_runs_go_to_a_fresh_activation_after_it()
    {
        Life.Hold("deactivate");
        await Grain.Leave();
        await Life.Noted("1 deactivating ApplicationRequested");
        var calls = Enumerable.Range(0, 50).Select(_ => Grain.Number()).ToArray();
        for (var i = 0; i < 20; i++) await Grains.GetGrain<ILifeGrain>($"{_key}-other").Settle();
        Assert.DoesNotContain(calls, c => c.IsCompleted);
        Assert.Equal(1, Life.Count("created"));

        Life.Open("deactivate");
        Assert.All(await Within(Task.WhenAll(calls), "the calls made meanwhile"), number => Assert.Equal(2, number));
        Assert.True(Array.IndexOf(Life.Notes, "1 deactivated") < Array.IndexOf(Life.Notes, "2 activating"), "Two activations lived at once.");
    }

    [Fact]
    public async Task Calls_that_wait_behind_the_one_that_asks_for_the_end_are_done_once()
    {
        var leaving = Grain.LeaveThenWork("last");
        await Life.Noted("last in");
        var calls = Enumerable.Range(0, 50).Select(_ => Grain.Number()).ToArray();
        Life.Open("last");
        Assert.Equal(1, await Within(leaving, "the call that asked for the end"));
        await Within(Task.WhenAll(calls), "the calls behind it");
        Assert.Equal(50, Life.Count("1 called") + Life.Count("2 called"));
    }

    [Theory]
    [InlineData("deactivate at once")]
    [InlineData("deactivate")]
    public async Task A_hook_that_throws_harms_no_later_call(string hook)
    {
        Life.Script(hook, new InvalidDataException("cannot say goodbye"));
        await Grain.Leave();
        await Life.Noted("1 deactivating ApplicationRequested");
        Assert.Equal(2, await Within(Grain.Number(), "the next call"));
    }

    [Fact]
    public async Task No_call_is_lost_or_done_twice_while_activations_come_and_go()
    {
        const int Callers = 8, Deactivations = 25;
        using var enough = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            var made = 0;
            for (; !enough.IsCancellationRequested; made++) await Grain.Count();
            return made;
        })).ToArray();
        for (var n = 1; n <= Deactivations; n++)
        {
            await Grain.Leave();
            await Life.Noted($"{n} deactivated");
            await Life.Noted("counted", Life.Count("counted") + (4 * Callers)); // Orleans rejects a call that three activations in a row turn away
        }

        await enough.CancelAsync();
        Assert.Equal((await Within(Task.WhenAll(callers), "all callers")).Sum(), Life.Count("counted"));
        Assert.InRange(Life.Count("created"), Deactivations, Deactivations + 1);
    }

    [Fact]
    public async Task A_grain_that_is_told_twice_is_deactivated_once()
    {
        var leaving = Grain.LeaveThenWork("last");
        await Life.Noted("last in");
        var again = Grain.Leave();
        Life.Open("last");
        await Within(Task.WhenAll(leaving, again), "both calls");
        await Life.Noted("1 deactivated");
        Assert.Equal(1, Life.Count("1 deactivating ApplicationRequested"));
    }
}
