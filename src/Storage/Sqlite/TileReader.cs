using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Queries for coverage tiles.</summary>
internal static class TileReader
{
    private const string Select =
        "SELECT t.quadkey, t.day, p.value, t.applied_through, t.histogram FROM tile t CROSS JOIN name p "
        + "WHERE t.metric = (SELECT id FROM name WHERE value = ?1) AND t.quadkey >= ?2 AND t.quadkey < ?3 AND t.day >= ?4 AND t.day < ?5 "
        + "AND p.id = t.plmn";

    private const string OfOperator = " AND t.plmn = (SELECT id FROM name WHERE value = ?6)";

    /// <summary>One base tile.</summary>
    public static CoverageTile? Tile(SqliteSession session, TileId tile, string metric, string plmn, long dayMs)
    {
        var rows = Tiles(session, tile, metric, plmn, dayMs, dayMs + 1);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>Base tiles inside <paramref name="tile"/>; of a tile smaller than a base tile, the base tile around it.</summary>
    public static IReadOnlyList<CoverageTile> Tiles(SqliteSession session, TileId tile, string metric, string? plmn, long fromMs, long toMs)
    {
        var shift = TileId.BaseZoom - tile.Zoom;
        if (shift < 0) (tile, shift) = (tile.Parent(TileId.BaseZoom), 0);
        var first = SqliteSchema.QuadKey(tile.X, tile.Y) << (2 * shift);
        var select = session[plmn is null ? Select : Select + OfOperator].Bind(1, metric)
            .Bind(2, first).Bind(3, first + (1L << (2 * shift))).Bind(4, fromMs).Bind(5, toMs);
        if (plmn is not null) select.Bind(6, plmn);
        var rows = new List<CoverageTile>();
        while (select.Step())
        {
            var (x, y) = SqliteSchema.FromQuadKey(select.Int64(0));
            var histogram = select.Blob(4);
            rows.Add(new CoverageTile
            {
                Plmn = select.Text(2),
                DayMs = select.Int64(1),
                Tile = new TileId(TileId.BaseZoom, x, y),
                Metric = metric,
                Histogram = GridHistogram.ReadFrom(ref histogram),
                AppliedThrough = select.Int64(3),
            });
        }

        select.Reset();
        return rows;
    }
}
