using Orleans.Configuration;
using Orleans.Runtime;

namespace SmartCity.Orleans.Tests;

/// <summary>Which idle grains go when the memory runs short.</summary>
public sealed class MemoryPressureTests
{
    private double _load = 50;

    [Fact]
    public void Grains_idle_for_longest_go_first_then_younger_ones_until_the_memory_suffices()
    {
        var pressure = New(enabled: true);
        Assert.Null(pressure.Shed(0));
        _load = 81;
        Assert.Null(pressure.Shed(4999)); // not looked at again yet
        Assert.Equal(TimeSpan.FromMinutes(8), pressure.Shed(5000));
        _load = 78; // below the limit, above the target: goes on
        Assert.Equal(TimeSpan.FromMinutes(4), pressure.Shed(10_000));
        _load = 74;
        Assert.Null(pressure.Shed(15_000));
        _load = 78; // rises again, and the limit is not reached
        Assert.Null(pressure.Shed(20_000));
        _load = 90;
        Assert.Equal(TimeSpan.FromMinutes(8), pressure.Shed(25_000));
    }

    [Fact]
    public void A_grain_that_was_called_within_a_second_is_never_shed()
    {
        var pressure = New(enabled: true);
        _load = 99;
        for (var look = 0; look < 40; look++) Assert.True(pressure.Shed(look * 5000) >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Nothing_is_shed_unless_asked_for()
    {
        _load = 99;
        Assert.Null(New(enabled: false).Shed(0));
    }

    [Fact]
    public void The_load_of_this_process_is_a_percentage() => Assert.InRange(MemoryPressure.LoadOfProcess(), 0.01, 100);

    private MemoryPressure New(bool enabled) => new(
        new GrainCollectionOptions { CollectionAge = TimeSpan.FromMinutes(16), EnableActivationSheddingOnMemoryPressure = enabled }, () => _load);
}
