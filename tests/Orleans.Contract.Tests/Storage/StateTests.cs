using Microsoft.Extensions.DependencyInjection;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>What a grain writes is there when it comes back.</summary>
public sealed class StateTests(StoringSilo silo) : ContractTests(silo), IClassFixture<StoringSilo>
{
    private readonly string _key = ContractSilo.NewKey("profile");

    public static TheoryData<Slot> Stores => [Slot.Profile, Slot.Scripted, Slot.Durable];

    private IProfileGrain Grain => Grains.GetGrain<IProfileGrain>(_key);

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_grain_without_a_record_has_a_new_state(Slot slot)
    {
        var view = await Grain.Look(slot);
        Assert.Equal(("new", false, null), (view.Name, view.RecordExists, view.Etag));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_was_written_is_read_before_the_next_activation(Slot slot)
    {
        await Grain.Save(slot, "written");
        await Return();
        var view = await Grain.Look(slot);
        Assert.Equal(("written", "written", true), (view.NameAtActivation, view.Name, view.RecordExists));
        Assert.Equal(2, view.Activation);
    }

    [Theory]
    [InlineData(Slot.Profile, 12.5)]
    [InlineData(Slot.Profile, double.NaN)]
    [InlineData(Slot.Durable, 12.5)]
    [InlineData(Slot.Durable, double.PositiveInfinity)]
    public async Task A_public_field_is_kept_whatever_number_it_holds(Slot slot, double level)
    {
        await Grain.SetLevel(slot, level);
        await Grain.Write(slot);
        await Return();
        Assert.Equal(level, await Grain.Level(slot));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_was_not_written_is_forgotten(Slot slot)
    {
        await Grain.Save(slot, "written");
        await Grain.AddValue(slot, 5);
        await Grain.Set(slot, "not written");
        Assert.Equal("not written", (await Grain.Look(slot)).Name);
        await Return();
        var view = await Grain.Look(slot);
        Assert.Equal(("written", 0), (view.Name, view.Values));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Reading_again_replaces_what_was_not_written(Slot slot)
    {
        await Grain.Save(slot, "written");
        await Grain.AddValue(slot, 5);
        await Grain.Set(slot, "not written");
        await Grain.Reload(slot);
        var view = await Grain.Look(slot);
        Assert.Equal(("written", 0, 1), (view.Name, view.Values, view.Activation));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Writing_makes_a_record_and_changes_its_etag_every_time(Slot slot)
    {
        await Grain.Save(slot, "one");
        var first = await Grain.Look(slot);
        await Grain.Save(slot, "two");
        var second = await Grain.Look(slot);
        await Grain.Write(slot);
        var third = await Grain.Look(slot);
        Assert.True(first.RecordExists && second.RecordExists && third.RecordExists);
        Assert.Equal(3, new[] { first.Etag, second.Etag, third.Etag }.Where(e => !string.IsNullOrEmpty(e)).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task The_etag_comes_back_with_the_state(Slot slot)
    {
        await Grain.Save(slot, "written");
        var before = await Grain.Look(slot);
        await Return();
        Assert.Equal(before.Etag, (await Grain.Look(slot)).Etag);
        await Grain.Save(slot, "with that etag"); // would conflict with a wrong one
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Clearing_leaves_a_new_state_and_no_record(Slot slot)
    {
        await Grain.Save(slot, "written");
        await Grain.Clear(slot);
        var cleared = await Grain.Look(slot);
        Assert.Equal(("new", false), (cleared.Name, cleared.RecordExists)); // whether an ETag stays is the store's affair
        await Return();
        var view = await Grain.Look(slot);
        Assert.Equal(("new", false), (view.NameAtActivation, view.RecordExists));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_cleared_state_can_be_written_again(Slot slot)
    {
        await Grain.Save(slot, "written");
        await Grain.Clear(slot);
        await Grain.Save(slot, "again");
        await Return();
        Assert.Equal("again", (await Grain.Look(slot)).Name);
    }

    [Fact]
    public async Task States_of_one_grain_are_told_apart_by_name_and_by_store()
    {
        await Grain.Save(Slot.Profile, "profile");
        await Grain.Save(Slot.Notes, "notes");
        await Grain.Save(Slot.Scripted, "scripted");
        await Grain.Save(Slot.Durable, "durable");
        await Return();
        Assert.Equal("profile", (await Grain.Look(Slot.Profile)).Name);
        Assert.Equal("notes", (await Grain.Look(Slot.Notes)).Name);
        Assert.Equal("scripted", (await Grain.Look(Slot.Scripted)).Name);
        Assert.Equal("durable", (await Grain.Look(Slot.Durable)).Name);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task States_of_two_grains_are_told_apart(Slot slot)
    {
        await Grain.Save(slot, "mine");
        Assert.Equal("new", (await Grains.GetGrain<IProfileGrain>($"{_key}-other").Look(slot)).Name);
    }

    [Fact]
    public async Task A_grain_writes_its_state_when_it_is_deactivated()
    {
        Scene(_key).Note("save when leaving");
        await Grain.Look(Slot.Scripted);
        await Return();
        Assert.Equal("left: ApplicationRequested", (await Grain.Look(Slot.Scripted)).NameAtActivation);
    }

    [Fact]
    public async Task A_grain_writes_its_state_when_the_silo_shuts_down()
    {
        await using var durable = new DurableStore();
        await durable.InitializeAsync();
        await using var silo = await ContractSilo.Start(builder => StoringSilo.AddStores(builder, durable));
        silo.Scene(_key).Note("save when leaving");
        await silo.Grains.GetGrain<IProfileGrain>(_key).Look(Slot.Scripted);
        await silo.Stop();
        Assert.Equal(["store write profile", "deactivated"], silo.Scene(_key).Notes[^2..]);
        Assert.Contains("left: ShuttingDown", silo.Services.GetRequiredService<ScriptedStorage>().Stored(_key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_durable_store_has_the_state_after_a_restart()
    {
        await using var durable = new DurableStore();
        await durable.InitializeAsync();
        string? etag;
        await using (var first = await ContractSilo.Start(builder => StoringSilo.AddStores(builder, durable)))
        {
            var grain = first.Grains.GetGrain<IProfileGrain>(_key);
            await grain.Save(Slot.Durable, "Đà Nẵng"); // not all text is ASCII
            etag = (await grain.Look(Slot.Durable)).Etag;
        }

        await using var second = await ContractSilo.Start(builder => StoringSilo.AddStores(builder, durable));
        var view = await second.Grains.GetGrain<IProfileGrain>(_key).Look(Slot.Durable);
        Assert.Equal(("Đà Nẵng", etag, true), (view.NameAtActivation, view.Etag, view.RecordExists));
    }

    private async Task Return()
    {
        await Grain.Leave();
        await Scene(_key).Noted("deactivated");
    }
}
