using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>Propagation against the vectors of the domain reference, part C, and the network built on it.</summary>
public sealed class RadioTests
{
    [Fact]
    public void TR_38_901_Urban_macro_at_500_m()
    {
        Assert.Equal(600, PathLoss.Breakpoint(25, 1.5, 3.75), 0.5);
        Assert.Equal(98.869, PathLoss.UmaLos(500, 3.75), 0.001);
        Assert.Equal(130.515, PathLoss.UmaNlos(500, 3.75), 0.001);
        Assert.Equal(0.0363, PathLoss.UmaLosProbability(500), 0.00005);
    }

    [Fact]
    public void TR_38_901_Urban_micro_at_200_m()
    {
        Assert.Equal(92.210, PathLoss.UmiLos(200, 3.75), 0.001);
        Assert.Equal(115.867, PathLoss.UmiNlos(200, 3.75), 0.001);
        Assert.Equal(0.0935, PathLoss.UmiLosProbability(200), 0.00005);
    }

    [Fact]
    public void TR_38_901_Rural_macro_at_2000_m()
    {
        Assert.Equal(838.96, PathLoss.RuralBreakpoint(35, 1.5, 0.763), 0.01);
        Assert.Equal(105.530, PathLoss.RmaLos(2000, 0.763), 0.001);
        Assert.Equal(128.816, PathLoss.RmaNlos(2000, 0.763), 0.001);
    }

    [Fact]
    public void Path_loss_grows_with_distance_and_has_no_step_at_the_breakpoint()
    {
        var breakpoint = PathLoss.Breakpoint(25, 1.5, 3.75);
        Assert.Equal(PathLoss.UmaLos(breakpoint - 0.001, 3.75), PathLoss.UmaLos(breakpoint + 0.001, 3.75), 0.01);
        for (var d = 10.0; d < 5000; d += 10)
        {
            Assert.True(PathLoss.UmaLos(d + 10, 3.75) > PathLoss.UmaLos(d, 3.75));
            Assert.True(PathLoss.UmaNlos(d, 3.75) >= PathLoss.UmaLos(d, 3.75));
        }
    }

    [Theory]
    [InlineData(2550, 510_000)]
    [InlineData(3750, 650_000)]
    [InlineData(763, 152_600)]
    public void TS_38_104_NR_ARFCN(double mhz, int arfcn) => Assert.Equal(arfcn, NrArfcn.FromMhz(mhz));

    [Theory]
    [InlineData(0, 90, 0)]
    [InlineData(360, 90, 0)]
    [InlineData(65, 90, -12)]
    [InlineData(-295, 90, -12)]
    [InlineData(180, 90, -30)]
    [InlineData(0, 155, -12)]
    public void TR_38_901_Antenna_attenuation(double azimuth, double zenith, double expected) =>
        Assert.Equal(expected, Antenna.Attenuation(azimuth, zenith), 1e-9);

    [Theory]
    [InlineData("04", "n41", 499_200, 537_999)]
    [InlineData("02", "n78", 620_000, 653_333)]
    [InlineData("01", "n77", 620_000, 680_000)]
    public void Carriers_lie_in_the_band_of_their_operator(string mnc, string band, int from, int to)
    {
        var owner = MobileOperator.All.Single(o => o.Mnc == mnc);
        Assert.Equal(band, owner.Band);
        Assert.InRange(owner.Arfcn, from, to);
    }

    [Fact]
    public void Cells_have_valid_and_unique_NCGIs_and_three_sectors_a_site()
    {
        var network = new RadioNetwork(1, Geography.Default.Units, 200);
        Assert.Equal(600, network.Cells.Count);
        Assert.All(network.Cells, c => Assert.Matches("^452-0[124]-[0-9A-F]{9}$", c.Ncgi));
        Assert.Equal(600, network.Cells.Select(c => c.Ncgi).Distinct().Count());
        Assert.All(network.Cells, c => Assert.InRange(c.Pci, 0, 1007));
        Assert.All(network.Cells.GroupBy(c => c.SiteIndex), site => Assert.Equal([0, 1, 2], site.Select(c => c.Sector)));
        Assert.Equal("452-04-0A1B2C3D4", MobileOperator.All[0].Ncgi(0x0A1B2C3D4));
    }

    [Fact]
    public void A_place_measures_the_same_twice_and_near_places_measure_alike()
    {
        var unit = Geography.Default.FindUnit("hn")!;
        var network = new RadioNetwork(3, [unit], 9);
        var cell = network.Cells[0];
        double step = 0, far = 0;
        for (var i = 0; i < 2000; i++)
        {
            double latitude = unit.Latitude + 0.004 + (i * 0.000002), longitude = unit.Longitude + 0.006;
            var here = network.Power(cell, latitude, longitude);
            Assert.Equal(here, network.Power(cell, latitude, longitude));
            step += Math.Abs(here - network.Power(cell, latitude + 0.00001, longitude));
            far += Math.Abs(here - network.Power(cell, latitude + 0.005, longitude));
        }

        Assert.True(step < far / 3, $"1 m changes {step / 2000:0.00} dB, 550 m {far / 2000:0.00} dB");
    }
}
