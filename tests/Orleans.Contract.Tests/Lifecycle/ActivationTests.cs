using Microsoft.Extensions.DependencyInjection;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A grain is made for its first call, once, and is ready before it.</summary>
public sealed class ActivationTests(SharedSilo silo) : ContractTests(silo)
{
    private readonly string _key = ContractSilo.NewKey("life");

    private ILifeGrain Grain => Grains.GetGrain<ILifeGrain>(_key);

    private Scene Life => Scene(_key);

    [Fact]
    public async Task The_constructor_gets_the_services_of_the_host()
    {
        Assert.Equal("", await Grains.GetGrain<IInjectedGrain>(_key).Complaints());
        Assert.Same(Services.GetRequiredService<Stage>().Of(_key), Life);
        Assert.Equal(["constructed"], Life.Notes);
    }

    [Fact]
    public async Task The_constructor_knows_the_key() =>
        Assert.Equal(_key, await Grains.GetGrain<IInjectedGrain>(_key).KeyInConstructor());

    [Fact]
    public async Task An_injected_grain_factory_reaches_other_grains() =>
        Assert.Equal($"{_key}-other", await Grains.GetGrain<IInjectedGrain>(_key).CallOther($"{_key}-other"));

    [Fact]
    public async Task A_reference_alone_activates_nothing()
    {
        Assert.Equal(_key, Grain.GetPrimaryKeyString());
        await Grains.GetGrain<ILifeGrain>($"{_key}-other").Number();
        Assert.Empty(Life.Notes);
    }

    [Fact]
    public async Task Calls_wait_until_the_activation_has_ended()
    {
        Life.Hold("activate");
        var first = Grain.Number();
        await Life.Noted("1 activating");
        var second = Grain.Number();
        for (var i = 0; i < 20; i++) await Grains.GetGrain<ILifeGrain>($"{_key}-other").Settle();
        Assert.Equal(["created", "1 activating"], Life.Notes);
        Life.Open("activate");
        Assert.Equal((1, 1), (await Within(first, "the first call"), await Within(second, "the second call")));
        Assert.Equal(["created", "1 activating", "1 activated", "1 called", "1 called"], Life.Notes);
    }

    [Fact]
    public async Task Not_even_an_interleaving_call_comes_before_the_end_of_the_activation()
    {
        Life.Hold("activate");
        var first = Grain.Settle();
        await Life.Noted("1 activating");
        var second = Grain.Settle();
        for (var i = 0; i < 20; i++) await Grains.GetGrain<ILifeGrain>($"{_key}-other").Settle();
        Assert.False(first.IsCompleted || second.IsCompleted);
        Life.Open("activate");
        await Within(Task.WhenAll(first, second), "the calls");
    }

    [Fact]
    public async Task First_calls_of_many_threads_make_one_activation()
    {
        var calls = await Within(
            Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => Grain.Number()))), "the first calls");
        Assert.All(calls, number => Assert.Equal(1, number));
        Assert.Equal(1, Life.Count("created"));
    }

    [Theory]
    [InlineData("activate at once")]
    [InlineData("activate")]
    public async Task A_failed_activation_fails_the_call_and_the_next_call_activates_anew(string hook)
    {
        Life.Script(hook, new InvalidDataException("the store is away"));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Within(Grain.Number(), "the first call"));
        Assert.Equal("the store is away", error.Message);
        Assert.Equal(2, await Within(Grain.Number(), "the second call"));
        Assert.False(Life.Has("1 called"));
        Assert.False(Life.Has("1 activated"));
    }

    [Fact]
    public async Task A_failed_activation_fails_all_calls_that_waited_for_it()
    {
        Life.Hold("activate");
        Life.Script("activate", new InvalidDataException("the store is away"));
        var first = Grain.Number();
        await Life.Noted("1 activating");
        var calls = Enumerable.Range(0, 10).Select(_ => Grain.Number()).Prepend(first).ToArray();
        Life.Open("activate");
        foreach (var call in calls) await Assert.ThrowsAsync<InvalidDataException>(() => Within(call, "a call that waited"));
        Assert.Equal(2, await Within(Grain.Number(), "the next call"));
    }

    [Fact]
    public async Task A_constructor_that_throws_fails_the_call_and_the_next_call_tries_again()
    {
        var grain = Grains.GetGrain<IInjectedGrain>(_key);
        Life.Script("construct", new InvalidDataException("no such sensor"));
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Within(grain.Complaints(), "the first call"));
        Assert.Contains("no such sensor", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", await Within(grain.Complaints(), "the second call"));
        Assert.Equal(2, Life.Count("constructed"));
    }
}
