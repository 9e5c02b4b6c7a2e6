using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>Shadowing, line of sight, antennas and carriers of the network, against the numbers of TR 38.901.</summary>
public sealed class RadioFieldTests
{
    private static readonly UnitInfo s_unit = Geography.Default.FindUnit("hn")!;
    private static readonly Lazy<RadioNetwork> s_network = new(() => new(3, [s_unit], 180, sitesPerCity: 180));

    [Theory]
    [InlineData(37)]
    [InlineData(13)]
    [InlineData(120)]
    public void Shadowing_is_standard_normal_and_its_correlation_falls_by_the_exponential_law(double distance)
    {
        foreach (var (apart, expected) in new[] { (0.0, 1.0), (distance / 4, Math.Exp(-0.25)), (distance, Math.Exp(-1)), (2 * distance, Math.Exp(-2)), (5 * distance, 0) })
        {
            double products = 0, sum = 0;
            var count = 0;
            for (var site = 0UL; site < 600; site++)
            {
                var field = new Shadowing(new(site));
                for (var i = 0; i < 60; i++)
                {
                    double east = (i % 8) * 4 * distance, north = (i / 8) * 4 * distance;
                    double turn = i, here = field.At(east, north, distance), there = field.At(east + (apart * Math.Cos(turn)), north + (apart * Math.Sin(turn)), distance);
                    products += here * there;
                    sum += here;
                    count++;
                }
            }

            Assert.InRange(products / count, expected - 0.03, expected + 0.03);
            Assert.InRange(sum / count, -0.03, 0.03);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 0)]
    [InlineData(-0.5, -1)]
    [InlineData(7.125, 0.70710678)]
    [InlineData(-1e-20, 1)] // less than a turn that it is rounded to
    [InlineData(0.99999999999999989, 1)]
    public void The_cosine_of_the_table_is_one_at_any_turn(double turns, double expected) => Assert.Equal(expected, Shadowing.Cosine(turns), 1e-6);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_place_has_one_signal_whatever_city_the_phone_and_the_cell_belong_to(bool inHole)
    {
        // Two cities six kilometres apart: each has cells that reach the other.
        UnitInfo[] units = [s_unit, s_unit with { Code = "hp", Latitude = s_unit.Latitude + 0.054 }];
        var network = new RadioNetwork(3, units, 60, new([ScenarioReader.Load("coverage-hole,from=+0m")], 0), sitesPerCity: 30);
        var calm = new RadioNetwork(3, units, 60, sitesPerCity: 30);
        var time = new DayTime(1_800_000);
        foreach (var unit in units)
        {
            var at = inHole ? Geodesy.Move(unit.Latitude, unit.Longitude, CellConditions.HoleOffset, CellConditions.HoleOffset) : (unit.Latitude, unit.Longitude - 0.01);
            foreach (var phone in units)
            {
                var received = new List<CellPower>();
                network.Scan(MobileOperator.All[0], phone, at.Item1, at.Item2, time, received);
                Assert.Equal(2, received.Select(r => r.Cell.Unit).Distinct().Count());
                foreach (var (cell, rsrp) in received)
                {
                    Assert.Equal(rsrp, network.Power(cell, at.Item1, at.Item2, time.UnixMs));
                    Assert.Equal(inHole ? -60 : 0, rsrp - calm.Power(calm.Cells.Single(c => c.Ncgi == cell.Ncgi), at.Item1, at.Item2), 1e-6);
                }
            }
        }
    }

    [Theory]
    [InlineData(SiteType.Macro, 4, 6)]
    [InlineData(SiteType.Small, 4, 7.82)]
    [InlineData(SiteType.Rural, 6, 8)]
    public void Losses_scatter_around_the_formula_of_the_site_type_by_its_sigma(SiteType type, double withSight, double without)
    {
        var errors = new Dictionary<bool, List<double>> { [true] = [], [false] = [] };
        foreach (var site in s_network.Value.Sites.Where(s => s.Type == type))
        {
            for (var i = 0; i < 4000; i++)
            {
                var (latitude, longitude) = Geodesy.Move(site.Latitude, site.Longitude, 40 * ((i % 63) - 31.2), 40 * ((i / 63) - 31.2));
                var metres = Geodesy.Distance(site.Latitude, site.Longitude, latitude, longitude);
                if (metres < 850 && type == SiteType.Rural) continue; // before the breakpoint sigma is another one
                if (!RadioPath.TryFind(site, latitude, longitude, out var path)) continue;
                var ghz = site.Carrier.CentreGhz;
                var formula = (type, path.HasSight) switch
                {
                    (SiteType.Macro, true) => PathLoss.UmaLos(metres, ghz),
                    (SiteType.Macro, false) => PathLoss.UmaNlos(metres, ghz),
                    (SiteType.Small, true) => PathLoss.UmiLos(metres, ghz),
                    (SiteType.Small, false) => PathLoss.UmiNlos(metres, ghz),
                    (_, true) => PathLoss.RmaLos(metres, ghz),
                    _ => PathLoss.RmaNlos(metres, ghz),
                };
                if (ghz < 1 || type != SiteType.Rural) errors[path.HasSight].Add(path.Loss - formula);
            }
        }

        Assert.True(errors[true].Count > 500 && errors[false].Count > 5000, $"{errors[true].Count} and {errors[false].Count} places");
        Assert.InRange(Sigma(errors[true]), withSight * 0.88, withSight * 1.12);
        Assert.InRange(Sigma(errors[false]), without * 0.93, without * 1.07);

        static double Sigma(List<double> values) => Math.Sqrt(values.Average(v => v * v));
    }

    [Fact]
    public void Line_of_sight_is_as_frequent_as_the_table_says()
    {
        foreach (var (type, metres, expected) in new[] { (SiteType.Macro, 500.0, 0.0363), (SiteType.Small, 200, 0.0935), (SiteType.Rural, 1000, Math.Exp(-0.99)), (SiteType.Macro, 60, 0.57) })
        {
            int seen = 0, all = 0;
            foreach (var site in s_network.Value.Sites.Where(s => s.Type == type))
            {
                for (var i = 0; i < 120; i++)
                {
                    var (latitude, longitude) = Geodesy.Move(site.Latitude, site.Longitude, metres * Math.Cos(i * 0.05236), metres * Math.Sin(i * 0.05236));
                    Assert.True(RadioPath.TryFind(site, latitude, longitude, out var path));
                    seen += path.HasSight ? 1 : 0;
                    all++;
                }
            }

            Assert.InRange(seen / (double)all, expected * 0.75, expected * 1.25);
        }
    }

    [Fact]
    public void Sectors_of_a_site_share_shadowing_and_different_sites_do_not()
    {
        var site = s_network.Value.Sites[0];
        double shared = 0, others = 0;
        for (var i = 0; i < 500; i++)
        {
            var (latitude, longitude) = Geodesy.Move(site.Latitude, site.Longitude, 30 * (i % 25), 30 * (i / 25) + 100);
            var (east, north) = Geodesy.Offset(site.Latitude, site.Longitude, latitude, longitude);
            var zenith = 90 + (Math.Atan2(site.Height - 1.5, Math.Sqrt((east * east) + (north * north))) * 180 / Math.PI);
            double Without(RadioCell c) => s_network.Value.Power(c, latitude, longitude) - Antenna.Gain(Geodesy.Bearing(east, north) - c.Azimuth, zenith, c.MechanicalTilt, c.ElectricalTilt, 8);
            shared = Math.Max(shared, Math.Abs(Without(site.Cells[0]) - Without(site.Cells[1])));
        }

        for (var i = 0UL; i < 4000; i++) others += new Shadowing(new(i)).At(0, 0, 37) * new Shadowing(new(i + 4000)).At(0, 0, 37) / 4000;
        Assert.InRange(shared, 0, 1e-6);
        Assert.InRange(others, -0.05, 0.05);
    }

    [Fact]
    public void A_column_of_eight_elements_has_17_dBi_where_it_is_tilted_to_and_half_of_it_four_degrees_beside()
    {
        Assert.Equal(17.03, Antenna.Gain(0, 90, 0, 0, 8), 0.01);
        Assert.Equal(17.03, Antenna.Gain(0, 96, 0, 6, 8), 0.15); // the element itself looks at the horizon
        Assert.Equal(17.03, Antenna.Gain(0, 96, 6, 0, 8), 0.01); // leaning turns it too
        Assert.InRange(Antenna.Gain(0, 90, 0, 0, 8) - Antenna.Gain(0, 94, 0, 0, 8), 2.5, 3.7);
        Assert.Equal(Antenna.ElementGain, Antenna.Gain(0, 90, 0, 0, 1), 1e-9);
        Assert.True(Antenna.Gain(180, 84, 6, 0, 8) < -12.9, "behind a panel that leans forward there is nothing");
        Assert.True(Antenna.Gain(0, 96, -6, 0, 8) < Antenna.Gain(0, 96, 6, 0, 8) - 10, "a panel that leans back looks over it");
    }

    [Fact]
    public void Only_cells_on_the_same_carrier_disturb_each_other()
    {
        var network = s_network.Value;
        var wide = network.Cells.First(c => c.Carrier.Band == "n28");
        var city = network.Cells.First(c => c.Operator == wide.Operator && c.Carrier.Band == "n41");
        var second = network.Cells.First(c => c.Carrier == wide.Carrier && c.Site != wide.Site);
        var time = new DayTime(1_795_392_000_000);
        var alone = network.Quality(new(wide, -100), [new(wide, -100), new(city, -70)], time);
        Assert.Equal(-100 - wide.Carrier.Noise, alone.Sinr, 1e-6);
        Assert.True(network.Quality(new(wide, -100), [new(wide, -100), new(second, -100)], time).Sinr < alone.Sinr - 5);
    }

    [Theory]
    [InlineData(-6.8, 0)]
    [InlineData(-6.7, 1)]
    [InlineData(0.2, 4)]
    [InlineData(22.69, 14)]
    [InlineData(22.7, 15)]
    public void CQI_changes_at_its_switch_points(double sinr, int cqi) => Assert.Equal(cqi, ChannelQuality.Cqi(sinr));

    [Fact]
    public void TR_36_942_Spectral_efficiency()
    {
        Assert.Equal(0, ChannelQuality.Efficiency(-10.01));
        Assert.Equal(0.6, ChannelQuality.Efficiency(0), 1e-9);
        Assert.Equal(4.4, ChannelQuality.Efficiency(22), 1e-9);
        Assert.Equal(4.4, ChannelQuality.Efficiency(40), 1e-9);
    }
}
