namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A result belongs to the caller; what the grain keeps is the grain's.</summary>
public sealed class ResultTests(SharedSilo silo) : ContractTests(silo)
{
    private readonly string _key = ContractSilo.NewKey("parcel");

    private IParcelGrain Grain => Grains.GetGrain<IParcelGrain>(_key);

    [Fact]
    public async Task What_the_caller_does_to_a_result_is_not_seen_by_the_grain()
    {
        var parcel = await Grain.Give();
        Assert.Equal(Parcel.Of("grain").ToString(), parcel.ToString());
        parcel.Spoil();
        Assert.Equal(Parcel.Of("grain").ToString(), await Grain.Kept());
    }

    [Fact]
    public async Task What_the_caller_does_to_a_result_of_a_value_task_is_not_seen_by_the_grain()
    {
        (await Grain.GiveInValueTask()).Spoil();
        Assert.Equal(Parcel.Of("grain").ToString(), await Grain.Kept());
    }

    [Fact]
    public async Task What_the_caller_does_to_a_list_is_not_seen_by_the_grain()
    {
        var parts = await Grain.GiveList();
        parts[0].Name = "spoilt";
        parts.Clear();
        Assert.Equal(Parcel.Of("grain").ToString(), await Grain.Kept());
    }

    [Fact]
    public async Task What_the_grain_does_to_what_it_has_returned_is_not_seen_by_the_caller()
    {
        var parcel = await Grain.Give();
        await Grain.SpoilKept();
        Assert.Equal(Parcel.Of("grain").ToString(), parcel.ToString());
    }

    [Fact]
    public async Task What_the_grain_does_to_a_result_that_nobody_has_taken_yet_is_not_seen_by_the_caller()
    {
        await Grain.Kept();
        var give = Grain.Give();
        await Grain.SpoilKept(); // is done after the call before it, as the grain is active already
        Assert.Equal(Parcel.Of("grain").ToString(), (await give).ToString());
    }

    [Fact]
    public async Task An_immutable_result_is_passed_as_it_is()
    {
        var label = await Grain.GiveLabel();
        Assert.Same(Shelf.Take(_key), label);
    }
}
