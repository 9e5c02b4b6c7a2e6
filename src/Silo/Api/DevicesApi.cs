using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>Devices and their series.</summary>
internal static class DevicesApi
{
    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        api.MapGet("/devices", List).WithName("ListDevices").WithSummary("Devices by area, kind, status and clock, a page at a time, in the order of their ids.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("/devices/{id}", Get).WithName("GetDevice").WithSummary("A device with its latest values (last measured, not last received).")
            .Produces<DeviceDetail>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/devices/{id}/series/{metric}", Series).WithName("GetDeviceSeries").WithSummary("Window statistics of a metric, the open window included.")
            .Produces<SeriesAnswer>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Page<DeviceItem> List(
        DeviceQueries devices, Geography geography, string? area = null, string? kind = null, string? status = null, string? clock = null, int? limit = null, string? after = null)
    {
        if (area is not null && !geography.IsArea(area)) throw new BadRequestException($"'{area}' is no area; GET /api/v1/areas lists them.");
        if (status is not (null or DeviceItem.Online or DeviceItem.Silent)) throw new BadRequestException($"'status' is '{status}'; write online or silent.");
        if (clock is not null && !DeviceItem.Clocks.Contains(clock)) throw new BadRequestException($"'clock' is '{clock}'; write one of {string.Join(", ", DeviceItem.Clocks)}.");
        var silentBefore = devices.SilentBeforeMs;
        var (items, next) = devices.List(
            d => (area is null || area == geography.Nation.Code || d.Stream.Unit == area || d.Stream.Region == area)
                && (kind is null || d.Stream.Kind == kind) && (status is null || DeviceItem.StatusOf(d, silentBefore) == status)
                && (clock is null || DeviceItem.ClockOf(d, devices.SkewSeconds) == clock),
            limit, after);
        return new([.. items.Select(d => DeviceItem.From(d, silentBefore, devices.SkewSeconds))], next);
    }

    private static async Task<IResult> Get(string id, DeviceQueries devices)
    {
        if (devices.Find(id) is not { } device) return Unknown(id);
        return Results.Ok(DeviceDetail.From(device, devices, await device.Grain.GetSnapshot()));
    }

    private static async Task<IResult> Series(
        string id, string metric, DeviceQueries devices, SeriesQueries series, CancellationToken cancellationToken,
        string? from = null, string? to = null, string? step = null, string? kind = null)
    {
        if (devices.Find(id) is not { } device) return Unknown(id);
        var (stepMs, rows) = await series.ReadDeviceAsync(device, kind ?? device.Stream.Kind, metric, from, to, step, cancellationToken);
        return Results.Ok(new SeriesAnswer(id, null, kind ?? device.Stream.Kind, metric, ApiExtensions.UnitOf(kind ?? device.Stream.Kind, metric), (int)(stepMs / 1000), rows));
    }

    internal static IResult Unknown(string id) =>
        ApiExtensions.NotFound($"There is no device '{id}'. A device registers itself with its first accepted message; GET /api/v1/deadletters?device={Uri.EscapeDataString(id)} shows what was not accepted.");
}
