namespace SmartCity.Contracts.Tests;

/// <summary>Report values of TS 38.133: SS-RSRP table 10.1.6.1-1, SS-RSRQ 10.1.11.1-1, SS-SINR 10.1.16.1-1.</summary>
public sealed class ReportingGridTests
{
    [Theory]
    [InlineData("rsrp", -156.5, 0)] // < −156
    [InlineData("rsrp", -156, 1)] // n: [n−157, n−156)
    [InlineData("rsrp", -155.001, 1)]
    [InlineData("rsrp", -155, 2)]
    [InlineData("rsrp", -110, 47)]
    [InlineData("rsrp", -80, 77)]
    [InlineData("rsrp", -31.001, 125)]
    [InlineData("rsrp", -31, 126)] // ≥ −31; 127 is infinity and never a measurement
    [InlineData("rsrp", 0, 126)]
    [InlineData("rsrq", -43.1, 0)] // < −43
    [InlineData("rsrq", -43, 1)] // lower bound (n−87)/2
    [InlineData("rsrq", -42.5, 2)]
    [InlineData("rsrq", -10, 67)]
    [InlineData("rsrq", 19.99, 126)]
    [InlineData("rsrq", 20, 127)] // ≥ 20
    [InlineData("sinr", -23.1, 0)] // < −23
    [InlineData("sinr", -23, 1)] // lower bound (n−47)/2
    [InlineData("sinr", 0, 47)]
    [InlineData("sinr", 39.99, 126)]
    [InlineData("sinr", 40, 127)] // ≥ 40
    public void Values_fall_in_the_bins_of_the_standard(string metric, double value, int bin) =>
        Assert.Equal(bin, ReportingGrid.Of(metric)!.BinOf(value));

    [Theory]
    [InlineData("rsrp", 0.5)]
    [InlineData("rsrq", 0.25)]
    [InlineData("sinr", 0.25)]
    public void The_middle_of_a_bin_is_half_a_step_away_at_most(string metric, double most)
    {
        var grid = ReportingGrid.Of(metric)!;
        for (var value = grid.ValidMin; value < grid.ValidMax; value += 0.01)
            Assert.InRange(Math.Abs(grid.MiddleOf(grid.BinOf(value)) - value), 0, most + 1e-9);
        for (var bin = 1; bin < grid.TopBin; bin++) Assert.Equal(bin, grid.BinOf(grid.MiddleOf(bin)));
    }

    [Fact]
    public void Other_metrics_have_no_grid() => Assert.Null(ReportingGrid.Of("dl"));
}
