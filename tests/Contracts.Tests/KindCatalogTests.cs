namespace SmartCity.Contracts.Tests;

public sealed class KindCatalogTests
{
    [Fact]
    public void Every_kind_is_found_by_its_code_and_stands_by_a_metric_of_its_own()
    {
        Assert.Equal(KindCatalog.All.Count, KindCatalog.All.Select(k => k.Code).Distinct().Count());
        foreach (var kind in KindCatalog.All)
        {
            Assert.Same(kind, KindCatalog.Find(kind.Code));
            Assert.NotNull(kind.FindMetric(kind.MainMetric));
            Assert.Equal(kind.Metrics.Count, kind.Metrics.Select(m => m.Name).Distinct().Count());
            Assert.All(kind.Metrics, m => Assert.True(m.Min < m.Max, $"{kind.Code}/{m.Name}"));
        }
    }

    [Theory]
    [InlineData("air noise traffic water weather light energy parking waste cell mdt")]
    public void The_kinds_of_the_default_mapping_are_known(string codes) => Assert.All(codes.Split(' '), code => Assert.NotNull(KindCatalog.Find(code)));

    [Theory] // domain reference, part A
    [InlineData("rsrp")]
    [InlineData("rsrq")]
    [InlineData("sinr")]
    public void Radio_quantities_have_the_range_of_their_report_grid(string metric)
    {
        var (info, grid) = (KindCatalog.Find("mdt")!.FindMetric(metric)!, ReportingGrid.Of(metric)!);
        Assert.Equal((grid.ValidMin, grid.ValidMax), (info.Min, info.Max));
    }

    [Fact]
    public void What_is_not_listed_is_not_found()
    {
        Assert.Null(KindCatalog.Find("Air"));
        Assert.Null(KindCatalog.Find("air")!.FindMetric("PM25"));
    }
}
