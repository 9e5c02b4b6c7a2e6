namespace SmartCity.Silo;

/// <summary>Areas: the nation, its regions and their units.</summary>
internal static class AreasApi
{
    public static void MapAreas(this IEndpointRouteBuilder api)
    {
        api.MapGet("/areas", List).WithName("ListAreas").WithSummary("Nation, regions and units with their devices online and silent.");
        api.MapGet("/areas/{code}/series/{kind}/{metric}", Series).WithName("GetAreaSeries").WithSummary("Window statistics over all devices of a kind in an area.")
            .Produces<SeriesAnswer>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static AreaList List(Geography geography, DeviceQueries devices, Gateway.DeviceTable table)
    {
        var silentBefore = devices.SilentBeforeMs;
        var counts = new Dictionary<string, (int Online, int Silent)>();
        foreach (var device in table.All)
        {
            var (online, silent) = counts.GetValueOrDefault(device.Stream.Unit);
            counts[device.Stream.Unit] = device.LastSeenMs >= silentBefore ? (online + 1, silent) : (online, silent + 1);
        }

        var units = geography.Units.Select(u =>
        {
            var (online, silent) = counts.GetValueOrDefault(u.Code);
            return new AreaItem(u.Code, "unit", u.Region, u.Name, u.Name, u.Latitude, u.Longitude, online, silent);
        }).ToList();
        var regions = geography.Regions.Select(r => new AreaItem(
            r.Code, "region", geography.Nation.Code, r.Name, r.NameEn, r.Latitude, r.Longitude,
            units.Where(u => u.Parent == r.Code).Sum(u => u.Online), units.Where(u => u.Parent == r.Code).Sum(u => u.Silent))).ToList();
        var n = geography.Nation;
        return new([new(n.Code, "nation", null, n.Name, n.NameEn, n.Latitude, n.Longitude, units.Sum(u => u.Online), units.Sum(u => u.Silent)), .. regions, .. units]);
    }

    private static async Task<IResult> Series(
        string code, string kind, string metric, Geography geography, SeriesQueries series, CancellationToken cancellationToken,
        string? from = null, string? to = null, string? step = null)
    {
        if (!geography.IsArea(code)) return ApiExtensions.NotFound($"There is no area '{code}'; GET /api/v1/areas lists them.");
        var (stepMs, rows) = await series.ReadAreaAsync(code, kind, metric, from, to, step, cancellationToken);
        return Results.Ok(new SeriesAnswer(null, code, kind, metric, ApiExtensions.UnitOf(kind, metric), (int)(stepMs / 1000), rows));
    }

    internal sealed record AreaList(IReadOnlyList<AreaItem> Items);

    internal sealed record AreaItem(
        string Code, string Level, string? Parent, string Name, string NameEn, double Latitude, double Longitude, int Online, int Silent);
}
