namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Caller and grain share no object that either could change.</summary>
public sealed class ArgumentTests(SharedSilo silo) : ContractTests(silo)
{
    private readonly string _key = ContractSilo.NewKey("parcel");

    private IParcelGrain Grain => Grains.GetGrain<IParcelGrain>(_key);

    [Fact]
    public async Task An_argument_arrives_whole()
    {
        await Grain.Keep(Parcel.Of("sent"));
        Assert.Equal(Parcel.Of("sent").ToString(), await Grain.Kept());
    }

    [Fact]
    public async Task What_the_grain_does_to_an_argument_is_not_seen_by_the_caller()
    {
        var parcel = Parcel.Of("mine");
        await Grain.Spoil(parcel);
        Assert.Equal(Parcel.Of("mine").ToString(), parcel.ToString());
    }

    [Fact]
    public async Task What_the_caller_does_to_an_argument_after_the_call_is_not_seen_by_the_grain()
    {
        var parcel = Parcel.Of("sent");
        await Grain.Keep(parcel);
        parcel.Spoil();
        Assert.Equal(Parcel.Of("sent").ToString(), await Grain.Kept());
    }

    [Fact]
    public async Task What_the_caller_does_to_an_argument_while_the_call_waits_is_not_seen_by_the_grain()
    {
        var held = Grain.Hold("held");
        await Scene(_key).Noted("held in");
        var parcel = Parcel.Of("sent");
        var keep = Grain.Keep(parcel);
        parcel.Spoil();
        Scene(_key).Open("held");
        await Within(Task.WhenAll(held, keep), "both calls");
        Assert.Equal(Parcel.Of("sent").ToString(), await Grain.Kept());
    }

    [Fact]
    public async Task What_a_grain_does_to_an_argument_is_not_seen_by_the_grain_that_sent_it() =>
        Assert.Equal(Parcel.Of("grain").ToString(), await Grain.SpoilThere($"{_key}-other"));

    [Fact]
    public async Task A_list_as_an_argument_is_copied_with_what_is_in_it()
    {
        List<Part> parts = [new Part { Name = "one" }];
        await Grain.KeepList(parts);
        var kept = Assert.IsType<List<Part>>(Shelf.Take(_key));
        Assert.NotSame(parts, kept);
        Assert.NotSame(parts[0], kept[0]);
        Assert.Equal("one", kept[0].Name);
    }

    [Fact]
    public async Task An_array_of_numbers_is_copied()
    {
        int[] numbers = [1, 2, 3];
        await Grain.KeepNumbers(numbers);
        Assert.NotSame(numbers, Shelf.Take(_key));
        Assert.Equal(numbers, Shelf.Take(_key));
    }

    [Fact]
    public async Task References_to_one_object_inside_an_argument_stay_references_to_one_object()
    {
        var part = new Part { Name = "one" };
        var parcel = new Parcel { Part = part, Other = part, List = [part] };
        await Grain.Keep(parcel);
        Assert.True(await Grain.PartsAreOne());
        Assert.NotSame(part, ((Parcel)Shelf.Take(_key)).Part);
    }

    [Fact]
    public async Task An_argument_that_contains_itself_arrives_so()
    {
        var parcel = new Parcel { Part = new Part { Name = "endless" } };
        parcel.Inner = parcel;
        await Within(Grain.Keep(parcel), "the call");
        var kept = (Parcel)Shelf.Take(_key);
        Assert.NotSame(parcel, kept);
        Assert.Same(kept, kept.Inner);
    }

    [Fact]
    public async Task A_part_of_a_derived_class_keeps_its_class()
    {
        await Grain.Keep(Parcel.Of("sent"));
        var other = Assert.IsType<NumberedPart>(((Parcel)Shelf.Take(_key)).Other);
        Assert.Equal(("sent", 7), (other.Name, other.Number));
    }

    [Fact]
    public async Task Copies_of_one_object_for_two_calls_are_two_objects()
    {
        var parcel = Parcel.Of("sent");
        await Grain.Keep(parcel);
        var first = Shelf.Take(_key);
        await Grain.Keep(parcel);
        Assert.NotSame(first, Shelf.Take(_key));
    }

    [Fact]
    public async Task Two_arguments_that_are_one_object_stay_one_object()
    {
        var parcel = Parcel.Of("sent");
        await Grain.KeepTwo(parcel, parcel);
        var kept = (Parcel[])Shelf.Take(_key);
        Assert.NotSame(parcel, kept[0]);
        Assert.Same(kept[0], kept[1]);
    }
}
