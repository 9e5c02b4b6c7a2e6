namespace SmartCity.Silo;

/// <summary>5G coverage as map tiles.</summary>
internal static class CoverageApi
{
    private const int FinerBy = 5; // a map tile shows at most 32 × 32 squares
    private const int MaxZoom = 22;

    public static void MapCoverage(this IEndpointRouteBuilder api) => api.MapGet("/coverage/tiles/{z:int}/{x:int}/{y:int}", Tile)
        .WithName("GetCoverageTile").WithSummary("Median of a radio quantity per square, as GeoJSON. A square without samples is not there: unknown, not uncovered.")
        .ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task<FeatureCollection> Tile(
        int z, int x, int y, ITelemetryStore store, TimeProvider clock, CancellationToken cancellationToken,
        string metric = "rsrp", string? plmn = null, string? from = null, string? to = null)
    {
        if (z is < 0 or > MaxZoom || x < 0 || y < 0 || x >= 1 << z || y >= 1 << z) throw new BadRequestException($"There is no tile {z}/{x}/{y}; x and y go from 0 to 2^z − 1, z to {MaxZoom}.");
        if (ReportingGrid.Of(metric) is not { } grid) throw new BadRequestException($"'metric' is '{metric}'; write rsrp, rsrq or sinr.");
        var (fromMs, toMs) = ApiTime.Range(from, to, TimeSpan.FromDays(30), clock);
        var asked = new TileId(z, x, y);
        // Below the base zoom there is nothing finer: the base square that holds the tile is shown.
        var source = z > TileId.BaseZoom ? asked.Parent(TileId.BaseZoom) : asked;
        var zoom = Math.Min(TileId.BaseZoom, source.Zoom + FinerBy);
        var squares = new Dictionary<TileId, GridHistogram>();
        foreach (var row in await store.ReadTilesAsync(source, metric, plmn, fromMs, toMs, cancellationToken))
        {
            var square = row.Tile.Parent(zoom);
            if (!squares.TryGetValue(square, out var histogram)) squares[square] = histogram = new();
            histogram.Merge(row.Histogram);
        }

        return new("FeatureCollection", [.. squares.Select(s => new Feature(
            "Feature", new("Polygon", [Ring(s.Key)]), new(plmn, s.Value.Quantile(grid, 0.5), s.Value.Count, s.Key.ToString())))]);
    }

    // GeoJSON: longitude first, anticlockwise, closed.
    private static double[][] Ring(TileId tile) =>
        [[tile.West, tile.South], [tile.East, tile.South], [tile.East, tile.North], [tile.West, tile.North], [tile.West, tile.South]];

    internal sealed record FeatureCollection(string Type, IReadOnlyList<Feature> Features);

    internal sealed record Feature(string Type, Polygon Geometry, TileProperties Properties);

    internal sealed record Polygon(string Type, double[][][] Coordinates);

    /// <param name="Plmn">Operator that was asked for; null for all.</param>
    /// <param name="Median">dBm or dB, off by at most half a step of the report grid.</param>
    internal sealed record TileProperties(string? Plmn, double Median, long Samples, string Tile);
}
