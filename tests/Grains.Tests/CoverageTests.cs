using System.Globalization;
using SmartCity.Contracts;

namespace SmartCity.Grains.Tests;

public sealed class CoverageTests
{
    private const string Ncgi = "452-04-0A1B2C3D4";

    [Fact]
    public async Task Samples_of_many_devices_in_one_tile_are_all_counted_whatever_shard_is_faster()
    {
        using var rig = await CityRig.StartedAsync();
        for (var i = 0; i < 300; i++) await rig.PublishAsync($"city/nam/sg/mdt/car-{i % 16}", Sample(CityRig.T0 + (i * 100), -90));
        await rig.DrainAsync();
        Assert.Equal(300, Assert.Single(await TilesAsync(rig, "rsrp")).Histogram.Count);
        Assert.Empty(await TilesAsync(rig, "sinr")); // nobody measured it: unknown
    }

    [Fact]
    public async Task A_resent_sample_counts_once_and_one_that_brings_more_counts_only_that()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(CityRig.T0, -90));
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(CityRig.T0, -90));
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(CityRig.T0, -90, ",\"sinr\":3"));
        await rig.DrainAsync();
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(CityRig.T0, -90)); // when the window is only in the store
        await rig.DrainAsync();
        Assert.Equal(1, Assert.Single(await TilesAsync(rig, "rsrp")).Histogram.Count);
        Assert.Equal(1, Assert.Single(await TilesAsync(rig, "sinr")).Histogram.Count);
    }

    [Fact]
    public async Task A_late_sample_and_its_resend_count_once_even_when_a_crash_comes_between()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync("city/nam/sg/air/holds-the-checkpoint-back", CityRig.T0, 5);
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(CityRig.T0 - 3_600_000, -90));
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(CityRig.T0 - 3_600_000, -90));
        await rig.SettleAsync();
        Assert.True(await rig.TickAsync(afterSeconds: 2)); // the late window is stored, the open one is not
        await rig.RestartAsync();
        await rig.DrainAsync();
        Assert.Equal(1, Assert.Single(await TilesAsync(rig, "rsrp")).Histogram.Count);
    }

    [Fact]
    public async Task Operators_tiles_and_Vietnamese_days_are_kept_apart()
    {
        using var rig = await CityRig.StartedAsync();
        var midnight = CityRig.T0 + 3_600_000; // 17:00Z
        rig.Clock.Advance(TimeSpan.FromHours(2));
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(midnight - 1, -90));
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(midnight, -90));
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(midnight + 1, -90).Replace("452-04", "452-01", StringComparison.Ordinal));
        await rig.PublishAsync("city/nam/sg/mdt/car", Sample(midnight + 2, -90).Replace("10.777", "10.787", StringComparison.Ordinal));
        await rig.DrainAsync();
        var tiles = await TilesAsync(rig, "rsrp");
        Assert.Equal(4, tiles.Count);
        Assert.Equal([midnight - 86_400_000, midnight], tiles.Select(t => t.DayMs).Distinct().Order());
        Assert.All(tiles, t => Assert.Equal(ReportingGrid.Rsrp.MiddleOf(ReportingGrid.Rsrp.BinOf(-90)), t.Histogram.Quantile(ReportingGrid.Rsrp, 0.5)));
    }

    private static string Sample(long ms, double rsrp, string more = "") => string.Create(CultureInfo.InvariantCulture,
        $"{{\"ts\":{ms},\"lat\":10.777,\"lon\":106.701,\"ncgi\":\"{Ncgi}\",\"rsrp\":{rsrp}{more}}}");

    private static Task<IReadOnlyList<CoverageTile>> TilesAsync(CityRig rig, string metric) =>
        rig.Store.ReadTilesAsync(new(0, 0, 0), metric, null, 0, long.MaxValue, default);
}
