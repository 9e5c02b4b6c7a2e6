using System.Globalization;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Arguments go in and results come out, of every kind of method and for many callers at once.</summary>
public sealed class CallTests(SharedSilo silo) : ContractTests(silo)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Methods_return_tasks_and_value_tasks_with_and_without_a_result(bool later)
    {
        var grain = Grains.GetGrain<ICallGrain>(ContractSilo.NewKey());
        Assert.Null(await grain.Kept(later));
        await grain.Keep("task", later);
        Assert.Equal("task", await grain.Kept(later));
        await grain.KeepInValueTask("value task", later);
        Assert.Equal("value task", await grain.KeptInValueTask(later));
    }

    [Fact]
    public async Task Arguments_of_many_types_arrive_in_their_places()
    {
        var grain = Grains.GetGrain<ICallGrain>(ContractSilo.NewKey());
        var id = Guid.Parse("11111111-2222-3333-4444-555555555555");
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(7));
        Assert.Equal(
            "True 2 -3 4000000000000 5.5 null Saturday 11111111-2222-3333-4444-555555555555 2026-01-02T03:04:05.0000000+07:00 null",
            await grain.Join(true, 2, -3, 4_000_000_000_000, 5.5, null, DayOfWeek.Saturday, id, time, null));
    }

    [Fact]
    public async Task A_tuple_comes_back_for_a_collection() =>
        Assert.Equal((2, "b"), await Grains.GetGrain<ICallGrain>(ContractSilo.NewKey()).Describe(["a", "b"]));

    [Fact]
    public async Task A_grain_can_be_an_argument_and_be_called_by_the_grain_that_gets_it()
    {
        var key = ContractSilo.NewKey();
        var other = Grains.GetGrain<ICallGrain>($"{key}-other");
        Assert.Equal($"{key}-other", await Grains.GetGrain<ICallGrain>(key).KeyOf(other));
        Assert.Equal($"{key}-other", await Grains.GetGrain<ICallGrain>(key).CallBack(other));
    }

    [Fact]
    public async Task A_grain_hands_out_a_reference_to_itself()
    {
        var key = ContractSilo.NewKey();
        var self = await Grains.GetGrain<ICallGrain>(key).Self();
        Assert.IsNotType<CallGrain>(self, exactMatch: false);
        await self.Keep("through the reference", later: false);
        Assert.Equal("through the reference", await Grains.GetGrain<ICallGrain>(key).Kept(later: false));
        Assert.Equal(Grains.GetGrain<ICallGrain>(key), self);
    }

    [Fact]
    public async Task Results_and_exceptions_of_many_callers_are_never_mixed_up()
    {
        const int Callers = 8, Calls = 2000;
        var key = ContractSilo.NewKey();
        var grains = Enumerable.Range(0, 16).Select(i => Grains.GetGrain<ICallGrain>($"{key}-{i}")).ToArray();
        await Within(Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (var i = 0; i < Calls; i++)
            {
                var value = (caller * 1_000_000L) + i;
                var grain = grains[random.Next(grains.Length)];
                switch (random.Next(5))
                {
                    case 0: Assert.Equal(value, await grain.Echo(value)); break;
                    case 1: Assert.Equal($"{value}", await grain.EchoText($"{value}")); break;
                    case 2: Assert.Equal(value, await grain.EchoLater(value)); break;
                    case 3:
                        var error = await Assert.ThrowsAsync<InvalidDataException>(async () => await grain.Fail(value));
                        Assert.Equal(value, long.Parse(error.Message, CultureInfo.InvariantCulture));
                        break;
                    default:
                        var calls = Enumerable.Range(0, 20).Select(n => grains[n % grains.Length].Echo(value + n).AsTask()).ToArray(); // many at once
                        Assert.Equal(Enumerable.Range(0, 20).Select(n => value + n), await Task.WhenAll(calls));
                        break;
                }
            }
        }))), "all callers");
    }

    [Fact]
    public async Task Calls_that_nobody_awaits_are_done_and_take_nothing_from_others()
    {
        var key = ContractSilo.NewKey();
        var grain = Grains.GetGrain<ITurnGrain>(key);
        for (var i = 0; i < 1000; i++)
        {
#pragma warning disable CA2012 // abandoning a call is what is tested
            _ = grain.Quick(-1);
#pragma warning restore CA2012
            Assert.Equal(i, await grain.Quick(i));
        }

        // Orleans lets a call overtake another one that is not awaited.
        await Within(Until(async () => (await grain.Seen()).Count(n => n == -1) == 1000), "the abandoned calls");
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        while (!await condition()) await Task.Yield();
    }
}
