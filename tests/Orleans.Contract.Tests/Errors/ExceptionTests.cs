namespace SmartCity.Orleans.Contract.Tests;

/// <summary>What a grain throws reaches its caller as it was thrown.</summary>
public sealed class ExceptionTests(SharedSilo silo) : ContractTests(silo)
{
    [Theory]
    [InlineData(Throwing.AtOnce)]
    [InlineData(Throwing.AfterAwait)]
    [InlineData(Throwing.AsFailedTask)]
    public async Task An_exception_keeps_type_and_message_through_every_kind_of_method(Throwing how)
    {
        var grain = Grains.GetGrain<IFaultyGrain>(ContractSilo.NewKey());
        foreach (var call in new Func<Task>[]
        {
            () => grain.Throw(how), () => grain.ThrowInsteadOfResult(how),
            () => grain.ThrowFromValueTask(how).AsTask(), () => grain.ThrowInsteadOfValueResult(how).AsTask(),
        })
        {
            var error = await Assert.ThrowsAsync<InvalidDataException>(call);
            Assert.Equal("pm25 is a word", error.Message);
        }
    }

    [Theory]
    [InlineData(Throwing.AtOnce, "Deepest")]
    [InlineData(Throwing.AfterAwait, "DeepestLater")]
    public async Task An_exception_keeps_the_stack_of_the_method_that_threw(Throwing how, string method)
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Grains.GetGrain<IFaultyGrain>(ContractSilo.NewKey()).Throw(how));
        Assert.Contains($"{nameof(FaultyGrain)}.{method}(", error.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_of_the_application_keeps_its_type_and_its_data()
    {
        var error = await Assert.ThrowsAsync<SensorException>(() => Grains.GetGrain<IFaultyGrain>(ContractSilo.NewKey()).ThrowSensor("s-17", 42));
        Assert.Equal(("s-17 is broken", "s-17", 42), (error.Message, error.Sensor, error.Code));
    }

    [Fact]
    public async Task An_exception_keeps_the_one_that_caused_it()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Grains.GetGrain<IFaultyGrain>(ContractSilo.NewKey()).ThrowWithInner("outer", "inner"));
        Assert.Equal("outer", error.Message);
        Assert.Equal("inner", Assert.IsType<InvalidDataException>(error.InnerException).Message);
    }

    [Theory]
    [InlineData(Throwing.AtOnce, "Deepest")]
    [InlineData(Throwing.AfterAwait, "DeepestLater")]
    public async Task An_exception_keeps_type_message_and_stack_through_a_chain_of_grains(Throwing how, string method)
    {
        var key = ContractSilo.NewKey();
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Grains.GetGrain<IFaultyGrain>(key).ThrowVia($"{key}-other", how));
        Assert.Equal("pm25 is a word", error.Message);
        Assert.Contains($"{nameof(FaultyGrain)}.{method}(", error.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grain_catches_what_another_grain_throws()
    {
        var key = ContractSilo.NewKey();
        Assert.Equal("pm25 is a word", await Grains.GetGrain<IFaultyGrain>(key).CatchFrom($"{key}-other", Throwing.AfterAwait));
    }

    [Fact]
    public async Task A_grain_that_threw_keeps_its_state_and_takes_the_next_call()
    {
        var grain = Grains.GetGrain<IFaultyGrain>(ContractSilo.NewKey());
        await grain.Remember(3);
        await Assert.ThrowsAsync<InvalidDataException>(() => grain.Throw(Throwing.AtOnce));
        await Assert.ThrowsAsync<InvalidDataException>(() => grain.Throw(Throwing.AfterAwait));
        Assert.Equal(3, await grain.Remembered());
    }
}
