namespace SmartCity.Contracts.Tests;

public sealed class TileIdTests
{
    [Theory] // computed with the formula of the OpenStreetMap wiki, "Slippy map tilenames"
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(21.028, 105.854, 17, 104076, 57702)]
    [InlineData(10.777, 106.701, 17, 104384, 61588)]
    [InlineData(16.054, 108.202, 12, 3279, 1862)]
    [InlineData(-33.8688, 151.2093, 10, 942, 614)]
    public void Known_places_lie_in_known_tiles(double latitude, double longitude, int zoom, int x, int y) =>
        Assert.Equal(new TileId(zoom, x, y), TileId.Of(latitude, longitude, zoom));

    [Theory]
    [InlineData(90, 180, 1, 0)] // poles and antimeridian are clamped into the last tiles
    [InlineData(-90, -180, 0, 1)]
    [InlineData(90, -180, 0, 0)]
    [InlineData(-90, 180, 1, 1)]
    public void The_edges_of_the_world_are_inside_it(double latitude, double longitude, int right, int bottom)
    {
        var last = (1 << TileId.BaseZoom) - 1;
        Assert.Equal(new TileId(TileId.BaseZoom, right * last, bottom * last), TileId.Of(latitude, longitude, TileId.BaseZoom));
    }

    [Fact]
    public void A_point_lies_between_the_edges_of_its_tile_at_every_zoom()
    {
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            var (latitude, longitude) = ((random.NextDouble() * 170) - 85, (random.NextDouble() * 360) - 180);
            var tile = TileId.Of(latitude, longitude, random.Next(23));
            Assert.InRange(longitude, tile.West - 1e-9, tile.East + 1e-9);
            Assert.InRange(latitude, tile.South - 1e-9, tile.North + 1e-9);
            Assert.Equal(tile, TileId.Of((tile.North + tile.South) / 2, (tile.West + tile.East) / 2, tile.Zoom));
            for (var zoom = 0; zoom <= tile.Zoom; zoom++) Assert.Equal(TileId.Of(latitude, longitude, zoom), tile.Parent(zoom));
        }
    }

    [Fact]
    public void The_base_tile_is_294_metres_wide_at_16_degrees_north() // domain reference, part B
    {
        var tile = TileId.Of(16, 108, TileId.BaseZoom);
        Assert.Equal(294, (tile.East - tile.West) / 360 * 40_075_016.7 * Math.Cos(16 * Math.PI / 180), 0.5);
    }

    [Fact]
    public void A_tile_is_written_as_zoom_x_y() => Assert.Equal("17/104213/61234", new TileId(17, 104213, 61234).ToString());
}
