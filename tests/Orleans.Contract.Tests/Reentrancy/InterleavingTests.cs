namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Which calls may enter a grain while another call awaits, and which may not.</summary>
public sealed class InterleavingTests(SharedSilo silo) : ContractTests(silo)
{
    [Fact]
    public async Task A_reentrant_grain_takes_a_call_while_another_awaits()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<IReentrantGrain>(key), Scene(key));
        var first = grain.Work("first");
        await scene.Noted("first in");
        var second = grain.Work("second");
        await scene.Noted("second in");

        scene.Open("second"); // and the later one may end first
        await Within(second, "the second call");
        Assert.False(first.IsCompleted);
        scene.Open("first");
        await Within(first, "the first call");
    }

    [Fact]
    public async Task A_reentrant_grain_does_not_go_on_after_an_await_while_another_turn_has_the_thread()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<IReentrantGrain>(key), Scene(key));
        var awaiting = grain.Work("awaiting");
        await scene.Noted("awaiting in");
        var blocking = grain.Block("blocking");
        await scene.Noted("blocking in");

        scene.Open("awaiting");
        scene.Open("blocking");
        await Within(Task.WhenAll(awaiting, blocking), "both calls");
        Assert.Equal(["awaiting in", "blocking in", "blocking out", "awaiting out"], scene.Notes);
    }

    [Fact]
    public async Task An_always_interleaving_method_enters_while_another_call_awaits()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var work = grain.Work("work");
        await scene.Noted("work in");
        var slip = grain.Slip("slip");
        await scene.Noted("slip in");
        Assert.False(scene.Has("work out"));
        await Finish(scene, [work, slip], "work", "slip");
    }

    [Fact]
    public async Task An_always_interleaving_method_that_awaits_keeps_nobody_out()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var slip = grain.Slip("slip");
        await scene.Noted("slip in");
        var work = grain.Work("work");
        await scene.Noted("work in");
        Assert.False(scene.Has("slip out"));
        await Finish(scene, [work, slip], "work", "slip");
    }

    [Fact]
    public async Task An_always_interleaving_method_lets_no_ordinary_call_in_beside_an_ordinary_call()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var slip = grain.Slip("slip");
        await scene.Noted("slip in");
        var first = grain.Work("first");
        await scene.Noted("first in");
        var second = grain.Work("second");
        scene.Open("slip");
        await Within(slip, "the interleaving call");
        await grain.Settle();
        Assert.False(scene.Has("second in"));
        await Finish(scene, [first, second], "first", "second");
    }

    [Fact]
    public async Task Two_readers_are_inside_together()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var one = grain.Read("one");
        await scene.Noted("one in");
        var two = grain.Read("two");
        await scene.Noted("two in");
        Assert.False(scene.Has("one out"));
        await Finish(scene, [one, two], "one", "two");
    }

    [Fact]
    public async Task A_reader_waits_for_a_writer()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var write = grain.Work("write");
        await scene.Noted("write in");
        var read = grain.Read("read");
        await grain.Settle();
        Assert.False(scene.Has("read in"));
        await Finish(scene, [write, read], "write", "read");
        Assert.Equal(["write in", "write out", "read in", "read out"], scene.Notes);
    }

    [Fact]
    public async Task A_writer_waits_for_a_reader()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var read = grain.Read("read");
        await scene.Noted("read in");
        var write = grain.Work("write");
        await grain.Settle();
        Assert.False(scene.Has("write in"));
        await Finish(scene, [read, write], "read", "write");
        Assert.Equal(["read in", "read out", "write in", "write out"], scene.Notes);
    }

    [Fact]
    public async Task A_reader_enters_beside_a_reader_although_a_writer_waits()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var one = grain.Read("one");
        await scene.Noted("one in");
        var write = grain.Work("write");
        var two = grain.Read("two");
        await scene.Noted("two in");
        Assert.False(scene.Has("write in"));
        await Finish(scene, [one, two, write], "one", "two", "write");
    }

    private static async Task Finish(Scene scene, Task[] calls, params string[] gates)
    {
        foreach (var gate in gates) scene.Open(gate);
        await Within(Task.WhenAll(calls), "all calls");
    }
}
