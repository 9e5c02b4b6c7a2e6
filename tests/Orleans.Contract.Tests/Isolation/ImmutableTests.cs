namespace SmartCity.Orleans.Contract.Tests;

/// <summary>What is marked immutable is not copied.</summary>
public sealed class ImmutableTests(SharedSilo silo) : ContractTests(silo)
{
    private readonly string _key = ContractSilo.NewKey("parcel");

    private IParcelGrain Grain => Grains.GetGrain<IParcelGrain>(_key);

    [Fact]
    public async Task An_object_of_an_immutable_class_is_passed_as_it_is()
    {
        var label = new Label("mine");
        await Grain.KeepLabel(label);
        Assert.Same(label, Shelf.Take(_key));
    }

    [Fact]
    public async Task An_immutable_object_inside_a_mutable_one_is_passed_as_it_is()
    {
        var parcel = Parcel.Of("mine");
        await Grain.Keep(parcel);
        var kept = (Parcel)Shelf.Take(_key);
        Assert.NotSame(parcel, kept);
        Assert.Same(parcel.Label, kept.Label);
    }

    [Fact]
    public async Task An_argument_for_an_immutable_parameter_is_passed_as_it_is()
    {
        var parcel = Parcel.Of("mine");
        await Grain.KeepUnchanged(parcel);
        Assert.Same(parcel, Shelf.Take(_key));
    }

    [Fact]
    public async Task A_list_for_an_immutable_parameter_is_passed_as_it_is()
    {
        Label[] labels = [new("one"), new("two")];
        await Grain.KeepReadOnly(labels);
        Assert.Same(labels, Shelf.Take(_key));
    }

    [Fact]
    public async Task An_immutable_parameter_leaves_the_other_parameters_copied()
    {
        var (unchanged, copied) = (Parcel.Of("unchanged"), Parcel.Of("copied"));
        await Grain.KeepBoth(unchanged, copied);
        var kept = (Parcel[])Shelf.Take(_key);
        Assert.Same(unchanged, kept[0]);
        Assert.NotSame(copied, kept[1]);
        Assert.Equal(copied.ToString(), kept[1].ToString());
    }
}
