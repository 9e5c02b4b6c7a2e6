namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Messages of uncommon shapes arrive whole, and as copies.</summary>
public sealed class ShapeTests(SharedSilo silo) : ContractTests(silo)
{
    private IShapeGrain Grain => Grains.GetGrain<IShapeGrain>(IShapeGrain.KeyOf(IShapeGrain.Most));

    [Fact]
    public async Task A_mutable_message_keeps_what_its_immutable_base_holds()
    {
        var sent = new Route { Year = 2026, Stops = [1, 2] };
        var back = await Grain.Derived(sent);
        Assert.Equal((2026, 2), (back.Year, back.Stops.Count));
        Assert.NotSame(sent.Stops, back.Stops);
    }

    [Fact]
    public async Task A_property_without_a_field_of_the_compilers_arrives() => Assert.Equal(7, (await Grain.Computed(new Gauge { Value = -7 })).Value);

    [Fact]
    public async Task A_struct_that_may_be_missing_arrives_as_a_copy()
    {
        Assert.Null(await Grain.Nullable(null));
        int[] metres = [5];
        var back = await Grain.Nullable(new Stretch { Metres = metres });
        Assert.Equal(metres, back?.Metres);
        Assert.NotSame(metres, back?.Metres);
    }

    [Fact]
    public async Task A_pair_with_something_mutable_in_it_arrives_as_a_copy()
    {
        List<int> numbers = [5];
        var back = await Grain.Pair(new("five", numbers));
        Assert.Equal("five", back.Key);
        Assert.Equal(numbers, back.Value);
        Assert.NotSame(numbers, back.Value);
    }
}
