namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A grain is its class and its key.</summary>
public sealed class KeyTests(SharedSilo silo) : ContractTests(silo)
{
    [Theory]
    [InlineData("a")]
    [InlineData("452-04-0A1B2C3D4")]
    [InlineData("city/bac/hn/air/s 1")]
    [InlineData("+#%2F?&=\\\"'")]
    [InlineData("Đà Nẵng 🌏")]
    [InlineData(" leading and trailing ")]
    public async Task A_string_key_arrives_as_it_was_given(string key)
    {
        var grain = Grains.GetGrain<IPlaceGrain>(key);
        Assert.Equal(key, grain.GetPrimaryKeyString());
        Assert.Equal(key, await grain.Key());
    }

    [Fact]
    public async Task A_long_string_key_arrives_whole()
    {
        var key = string.Concat(Enumerable.Range(0, 500).Select(i => $"{i},"));
        Assert.Equal(key, await Grains.GetGrain<IPlaceGrain>(key).Key());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public async Task An_integer_key_arrives_as_it_was_given(long key)
    {
        var grain = Grains.GetGrain<INumberGrain>(key);
        Assert.Equal(key, grain.GetPrimaryKeyLong());
        Assert.Equal(key, await grain.Key());
    }

    [Fact]
    public async Task A_grain_calls_another_by_its_integer_key() =>
        Assert.Equal(-12, await Grains.GetGrain<INumberGrain>(11).KeyOfOther(-12));

    [Fact]
    public async Task Every_reference_with_one_key_is_one_grain()
    {
        var key = ContractSilo.NewKey();
        Assert.Equal(1, await Grains.GetGrain<IPlaceGrain>(key).Visit());
        Assert.Equal(2, await Grains.GetGrain<IPlaceGrain>(key).Visit());
        Assert.Equal(1, await Grains.GetGrain<INumberGrain>(4711).Visit());
        Assert.Equal(2, await Grains.GetGrain<INumberGrain>(4711).Visit());
    }

    [Fact]
    public void References_with_one_key_are_equal_and_others_are_not()
    {
        var key = ContractSilo.NewKey();
        Assert.Equal(Grains.GetGrain<IPlaceGrain>(key), Grains.GetGrain<IPlaceGrain>(key));
        Assert.Equal(Grains.GetGrain<IPlaceGrain>(key).GetHashCode(), Grains.GetGrain<IPlaceGrain>(key).GetHashCode());
        Assert.NotEqual(Grains.GetGrain<IPlaceGrain>(key), Grains.GetGrain<IPlaceGrain>(key + "x"));
    }

    [Fact]
    public async Task Keys_that_differ_only_in_case_are_two_grains()
    {
        var key = ContractSilo.NewKey();
        await Grains.GetGrain<IPlaceGrain>(key).Visit();
        Assert.Equal(1, await Grains.GetGrain<IPlaceGrain>(key.ToUpperInvariant()).Visit());
    }

    [Fact]
    public async Task One_key_of_two_classes_is_two_grains()
    {
        var key = ContractSilo.NewKey();
        await Grains.GetGrain<IPlaceGrain>(key).Visit();
        await Grains.GetGrain<ICallGrain>(key).Keep("other", later: false);
        Assert.Equal(2, await Grains.GetGrain<IPlaceGrain>(key).Visit());
        await Grains.GetGrain<INumberGrain>(77).Visit();
        Assert.Equal(1, await Grains.GetGrain<IPlaceGrain>("77").Visit());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void A_string_key_must_not_be_empty(string? key) =>
        Assert.ThrowsAny<ArgumentException>(() => Grains.GetGrain<IPlaceGrain>(key!));
}
