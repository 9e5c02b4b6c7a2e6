using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>5G cells with their load.</summary>
internal static class CellsApi
{
    public static void MapCells(this IEndpointRouteBuilder api) => api.MapGet("/cells", List)
        .WithName("ListCells").WithSummary("Cells with PRB load and connected users, from their newest counters.").ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task<Page<CellItem>> List(
        DeviceQueries devices, Geography geography, string? plmn = null, string? area = null, int? limit = null, string? after = null)
    {
        if (area is not null && !geography.IsArea(area)) throw new BadRequestException($"'{area}' is no area; GET /api/v1/areas lists them.");
        var silentBefore = devices.SilentBeforeMs;
        var (cells, next) = devices.List(
            d => d.Stream.Kind == "cell" && (plmn is null || d.Id.StartsWith(plmn + "-", StringComparison.Ordinal))
                && (area is null || area == geography.Nation.Code || d.Stream.Unit == area || d.Stream.Region == area),
            limit, after);
        var pending = cells.Select(c => (Cell: c, Snapshot: c.Grain.GetSnapshot().AsTask())).ToList();
        var items = new List<CellItem>(cells.Count);
        foreach (var (cell, snapshot) in pending)
        {
            var latest = (await snapshot).Latest.Where(l => l.Kind == "cell").ToDictionary(l => l.Metric, l => l, StringComparer.Ordinal);
            items.Add(new(cell.Id, Ncgi.PlmnOf(cell.Id), cell.Stream.Region, cell.Stream.Unit, DeviceItem.StatusOf(cell, silentBefore),
                latest.Count == 0 ? null : ApiTime.At(latest.Values.Max(l => l.EventMs)),
                latest.GetValueOrDefault("RRU.PrbTotDl")?.Value, latest.GetValueOrDefault("RRU.PrbTotUl")?.Value, latest.GetValueOrDefault("RRC.ConnMean")?.Value,
                ApiExtensions.Known(cell.Latitude), ApiExtensions.Known(cell.Longitude)));
        }

        return new(items, next);
    }

    internal sealed record CellItem(
        string Ncgi, string Plmn, string Region, string Unit, string Status, DateTimeOffset? Time, double? PrbLoadDl, double? PrbLoadUl,
        double? ConnectedUsers, double? Latitude, double? Longitude);
}
