using System.Globalization;

namespace SmartCity.Grains;

/// <summary>Adds up what windows of one commit add to areas and tiles, so that the store merges each row once.</summary>
internal static class WindowDeltas
{
    public static void Merge(List<WindowDelta> deltas, Geography geography, StoreCommit commit)
    {
        var areas = new Dictionary<(string Area, string Kind, string Metric, long StartMs), WindowAggregate>();
        var tiles = new Dictionary<(string Tile, long DayMs, string Metric), (GridHistogram Histogram, long Position)>();
        foreach (var (window, delta, coverage) in deltas)
        {
            for (var area = window.Stream.Unit; area is not null; area = geography.ParentOf(area))
            {
                var key = (area, window.Stream.Kind, window.Metric, window.StartMs);
                if (!areas.TryGetValue(key, out var sum)) areas[key] = sum = new();
                sum.Merge(delta);
            }

            if (coverage is null) continue;
            foreach (var (tile, sample) in coverage)
            {
                var key = (tile, sample.DayMs, sample.Metric);
                var (histogram, position) = tiles.GetValueOrDefault(key, (new(), -1));
                histogram.Add(sample.Bin);
                tiles[key] = (histogram, Math.Max(position, sample.Position));
            }
        }

        foreach (var ((area, kind, metric, start), sum) in areas) commit.AreaDeltas.Add(new() { Area = area, Kind = kind, Metric = metric, StartMs = start, Aggregate = sum });
        foreach (var ((tile, day, metric), (histogram, position)) in tiles)
        {
            var parts = tile.Split('/');
            commit.TileDeltas.Add(new()
            {
                Plmn = parts[0],
                DayMs = day,
                Tile = new(Number(parts[1]), Number(parts[2]), Number(parts[3])),
                Metric = metric,
                Histogram = histogram,
                AppliedThrough = position,
            });
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
