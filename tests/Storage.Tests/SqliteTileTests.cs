using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Coverage tiles.</summary>
public sealed class SqliteTileTests : SqliteStoreTest
{
    [Theory]
    [InlineData(17, 0, 0)]
    [InlineData(16, 0, 0)]
    [InlineData(12, 3, 5)]
    [InlineData(0, 0, 0)]
    public async Task Tiles_inside_a_larger_tile_are_found_and_no_others(int zoom, int x, int y)
    {
        var random = new Random(zoom);
        var side = 1 << (17 - zoom);
        var tiles = new List<CoverageTile> { Tile(0, 0), Tile(131_071, 131_071), Tile(x * side, y * side), Tile((x * side) + side - 1, (y * side) + side - 1) };
        for (var i = 0; i < 200; i++) tiles.Add(Tile(random.Next((x * side) + (2 * side)) & 131_071, random.Next((y * side) + (2 * side)) & 131_071));
        await Store.CommitAsync(Commit(c => c.Tiles.AddRange(tiles)), default);
        var expected = tiles.Select(t => t.Tile).Where(t => t.Parent(zoom) == new TileId(zoom, x, y)).Distinct().OrderBy(t => (t.X, t.Y));
        var read = await Store.ReadTilesAsync(new(zoom, x, y), "rsrp", null, T0, T0 + 1, default);
        Assert.Equal(expected, read.Select(t => t.Tile).OrderBy(t => (t.X, t.Y)));
    }

    [Fact]
    public async Task Tiles_are_chosen_by_operator_metric_and_day_and_replaced()
    {
        await Store.CommitAsync(
            Commit(c => c.Tiles.AddRange([Tile(1, 1), Tile(1, 1, plmn: "452-01"), Tile(1, 1, metric: "sinr"), Tile(1, 1, day: T0 + 86_400_000)])), default);
        var corrected = Tile(1, 1, samples: 9);
        await Store.CommitAsync(Commit(c => c.Tiles.Add(corrected)), default);
        var at = new TileId(17, 1, 1);
        Assert.Equal(3, (await Store.ReadTilesAsync(at, "rsrp", null, 0, long.MaxValue, default)).Count);
        Assert.Equal(2, (await Store.ReadTilesAsync(at, "rsrp", "452-04", 0, long.MaxValue, default)).Count);
        Assert.Empty(await Store.ReadTilesAsync(at, "rsrp", "452-99", 0, long.MaxValue, default));
        Assert.Single(await Store.ReadTilesAsync(at, "rsrp", "452-04", T0 + 1, T0 + 86_400_001, default));
        var loaded = await Store.LoadTileAsync("452-04", T0, at, "rsrp");
        Assert.Equal((9L, 77L, T0, "452-04", at), (loaded!.Histogram.Count, loaded.AppliedThrough, loaded.DayMs, loaded.Plmn, loaded.Tile));
        Assert.Null(await Store.LoadTileAsync("452-04", T0, at.Parent(16), "rsrp"));
        Assert.Equal(3, (await Store.ReadTilesAsync(new(19, 5, 6), "rsrp", null, 0, long.MaxValue, default)).Count); // inside base tile 17/1/1
    }
}
