using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Concurrent changes and failures of a store reach the grain, and lose nothing that was written.</summary>
public sealed class StoreFailureTests(StoringSilo silo) : ContractTests(silo), IClassFixture<StoringSilo>
{
    private readonly string _key = ContractSilo.NewKey("profile");

    private IProfileGrain Grain => Grains.GetGrain<IProfileGrain>(_key);

    private ScriptedStorage Store => Services.GetRequiredService<ScriptedStorage>();

    private Scene Events => Scene(_key);

    [Theory]
    [InlineData(Slot.Profile, Slot.Rival)]
    [InlineData(Slot.Durable, Slot.DurableRival)]
    public async Task A_store_refuses_a_write_that_does_not_know_the_last_one(Slot slot, Slot rival)
    {
        await Grain.Look(slot); // both have read that there is no record
        await Grain.Save(slot, "first");
        await Assert.ThrowsAsync<InconsistentStateException>(() => Grain.Save(rival, "second"));
        Assert.Equal("first", (await Grain.Look(slot)).Name);
    }

    [Theory]
    [InlineData(Slot.Profile, Slot.Rival)]
    [InlineData(Slot.Durable, Slot.DurableRival)]
    public async Task A_store_refuses_to_clear_what_has_changed(Slot slot, Slot rival)
    {
        await Grain.Save(slot, "first");
        await Grain.Reload(rival);
        await Grain.Save(slot, "second");
        await Assert.ThrowsAsync<InconsistentStateException>(() => Grain.Clear(rival));
        Assert.Equal("second", (await Grain.Look(slot)).Name);
    }

    [Fact]
    public async Task A_durable_store_refuses_a_write_that_does_not_know_of_a_clearing()
    {
        await Grain.Save(Slot.Durable, "first");
        await Grain.Reload(Slot.DurableRival);
        await Grain.Clear(Slot.Durable);
        await Grain.Save(Slot.Durable, "second");
        await Assert.ThrowsAsync<InconsistentStateException>(() => Grain.Save(Slot.DurableRival, "third"));
        Assert.Equal("second", (await Grain.Look(Slot.Durable)).Name);
    }

    [Fact]
    public async Task A_concurrent_change_fails_the_write_and_tells_both_etags()
    {
        await Grain.Save(Slot.Scripted, "mine");
        Store.ChangeBehind(_key, "theirs");
        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => Grain.Save(Slot.Scripted, "mine again"));
        Assert.Equal(("2", "1"), (error.StoredEtag, error.CurrentEtag));
    }

    [Fact]
    public async Task A_grain_that_lets_a_conflict_escape_comes_back_with_what_is_stored()
    {
        await Grain.Save(Slot.Scripted, "mine");
        Store.ChangeBehind(_key, "theirs");
        await Assert.ThrowsAsync<InconsistentStateException>(() => Grain.Save(Slot.Scripted, "mine again"));
        await Events.Noted("deactivated");
        var view = await Grain.Look(Slot.Scripted);
        Assert.Equal(("theirs", 2), (view.Name, view.Activation));
    }

    [Fact]
    public async Task A_grain_that_catches_a_conflict_stays_and_may_read_again()
    {
        await Grain.Save(Slot.Scripted, "mine");
        Store.ChangeBehind(_key, "theirs");
        Assert.Equal(nameof(InconsistentStateException), await Grain.TrySave(Slot.Scripted, "mine again"));
        await Grain.Reload(Slot.Scripted);
        var view = await Grain.Look(Slot.Scripted);
        Assert.Equal(("theirs", 1), (view.Name, view.Activation));
        Assert.Equal("", await Grain.TrySave(Slot.Scripted, "mine at last"));
    }

    [Fact]
    public async Task A_failing_read_fails_the_activation_and_the_next_call_reads_again()
    {
        Events.Script("store read", new IOException("the store is away"));
        // Orleans tells which store and grain it was, and keeps what the store threw inside.
        var error = await Assert.ThrowsAsync<OrleansException>(() => Within(Grain.Look(Slot.Scripted), "the first call"));
        Assert.Contains(_key, error.Message, StringComparison.Ordinal);
        Assert.Equal("the store is away", Assert.IsType<IOException>(error.InnerException).Message);
        Assert.False(Events.Has("activated"));
        Assert.Equal("new", (await Within(Grain.Look(Slot.Scripted), "the second call")).Name);
    }

    [Fact]
    public async Task A_failing_write_reaches_the_grain_and_its_caller_and_keeps_the_activation()
    {
        await Grain.Save(Slot.Scripted, "one");
        Events.Script("store write", new IOException("the disk is full"));
        var error = await Assert.ThrowsAsync<OrleansException>(() => Grain.Save(Slot.Scripted, "two"));
        Assert.Contains(_key, error.Message, StringComparison.Ordinal);
        Assert.Equal("the disk is full", Assert.IsType<IOException>(error.InnerException).Message);
        var view = await Grain.Look(Slot.Scripted);
        Assert.Equal(("two", "1", 1), (view.Name, view.Etag, view.Activation)); // in memory, not in the store
        await Grain.Write(Slot.Scripted);
        await Grain.Reload(Slot.Scripted);
        Assert.Equal("two", (await Grain.Look(Slot.Scripted)).Name);
    }

    [Fact]
    public async Task Calls_wait_until_the_state_has_been_read()
    {
        Events.Hold("store read");
        var look = Grain.Look(Slot.Scripted);
        await Events.Noted("store read profile");
        for (var i = 0; i < 20; i++) await Grains.GetGrain<ITurnGrain>($"{_key}-other").Quick(i);
        Assert.False(Events.Has("activated"));
        Events.Open("store read");
        Assert.Equal("new", (await Within(look, "the call")).Name);
    }

    [Fact]
    public async Task Calls_wait_while_the_grain_writes()
    {
        await Grain.Look(Slot.Scripted);
        Events.Hold("store write");
        var save = Grain.Save(Slot.Scripted, "written");
        await Events.Noted("store write profile");
        var look = Grain.Look(Slot.Scripted);
        for (var i = 0; i < 20; i++) await Grains.GetGrain<ITurnGrain>($"{_key}-other").Quick(i);
        Assert.False(look.IsCompleted);
        Events.Open("store write");
        await Within(save, "the write");
        Assert.Equal("1", (await Within(look, "the call behind it")).Etag);
    }

    [Fact]
    public async Task A_store_is_asked_for_a_state_by_its_name_once_per_activation()
    {
        await Grain.Look(Slot.Scripted);
        await Grain.Look(Slot.Scripted);
        Assert.Equal(["store read profile", "activated"], Events.Notes);
    }

    [Fact]
    public async Task A_store_that_fails_half_the_time_loses_nothing_that_it_took()
    {
        var failures = 0;
        for (var i = 1; i <= 100; i++)
        {
            await Grain.AddValue(Slot.Faulty, i);
            while (true)
            {
                try
                {
                    await Grain.Write(Slot.Faulty);
                    break;
                }
                catch (OrleansException error)
                {
                    Assert.Equal("the disk is full", Assert.IsType<IOException>(error.InnerException).Message);
                    failures++;
                }
            }
        }

        Assert.Equal(100, failures);
        await Grain.Leave();
        await Events.Noted("deactivated");
        Assert.Equal(5050, (await Grain.Look(Slot.Faulty)).Values);
    }
}
