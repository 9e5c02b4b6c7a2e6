using SmartCity.Contracts;

namespace SmartCity.Grains.Tests;

/// <summary>Counters that an operator declares.</summary>
public sealed class MetricFormsTests
{
    [Fact]
    public void Declared_counters_stand_beside_those_of_the_catalogue()
    {
        var forms = new MetricForms(new() { Counters = "pump/volume, gas/m3=100000,energy/energy=1e6," });
        Assert.Equal(MetricForm.Counter, forms.Of("pump", "volume"));
        Assert.Equal(MetricForm.CounterTo(100_000), forms.Of("gas", "m3"));
        Assert.Equal(MetricForm.CounterTo(1e6), forms.Of("energy", "energy"));
        Assert.Equal(MetricForm.Plain, forms.Of("pump", "pressure"));
        Assert.Equal(MetricForm.Of(MeanKind.Power), forms.Of("noise", "laeq"));
        Assert.Equal(MetricForm.Counter, new MetricForms(new()).Of("energy", "energy"));
        Assert.Equal(MetricForm.Plain, new MetricForms(new()).Of("pump", "volume"));
    }

    [Theory]
    [InlineData("pump")]
    [InlineData("GAS/m3")]
    [InlineData("gas/ts")]
    [InlineData("odd/x/y")]
    [InlineData("odd/a=b=5")]
    [InlineData("/volume")]
    [InlineData("pump/")]
    [InlineData("pump/=5")]
    [InlineData("pump/volume=")]
    [InlineData("pump/volume=0")]
    [InlineData("pump/volume=-5")]
    [InlineData("pump/volume=many")]
    [InlineData("pump/volume=1e999")]
    public void A_declaration_that_cannot_be_read_is_named_with_what_would_be_right(string text)
    {
        var options = new WindowOptions { Counters = "pump/good," + text };
        Assert.Equal(
            $"Window:Counters has '{text}'; write kind/metric, such as pump/volume, or kind/metric=rollover with the value at which its register begins again, such as pump/volume=100000; a comma between two.", options.Validate());
        Assert.Throws<ArgumentException>(() => new MetricForms(options));
    }

    [Fact]
    public void A_counter_that_is_declared_twice_is_named() =>
        Assert.Equal("Window:Counters has gas/m3 twice; leave one of them.", new WindowOptions { Counters = "gas/m3=1000,pump/volume,gas/m3" }.Validate());

    [Fact]
    public async Task A_declared_counter_counts_over_the_end_of_its_register_in_windows_and_areas()
    {
        using var rig = await CityRig.StartedAsync(r => r.Window.Counters = "pump/volume=1000");
        foreach (var (second, value) in ((int, double)[])[(0, 990), (10, 998), (20, 4), (70, 9)]) await rig.PublishAsync("city/nam/sg/pump/p1", CityRig.T0 + (second * 1000), value, "volume");
        await rig.DrainAsync();
        Assert.Equal([14, 0], (await rig.Store.ReadWindowsAsync("p1", "volume", 0, long.MaxValue, default)).Select(w => w.Aggregate.Increase));
        var areas = (await rig.Store.ReadAreaWindowsAsync("vn", "pump", "volume", 0, long.MaxValue, default)).Select(w => (w.Aggregate.Increase, w.Aggregate.Resets));
        Assert.Equal([(14.0, 0L), (5, 0)], areas);
    }
}
