namespace SmartCity.Grains;

/// <summary>What a handed over window adds to its areas and, by tile, to the coverage.</summary>
internal sealed record WindowDelta(DeviceWindow Window, WindowAggregate Delta, List<(string Tile, CoverageSample Sample)>? Coverage);
