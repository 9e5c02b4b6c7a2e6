namespace SmartCity.Silo;

/// <summary>Readings as they were measured.</summary>
internal static class ReadingsApi
{
    public static void MapReadings(this IEndpointRouteBuilder api) =>
        api.MapGet("/devices/{id}/readings/{metric}", Readings).WithName("GetDeviceReadings")
            .WithSummary("Readings of a metric as they were measured, by event time, a page at a time; once their windows are stored, and only with Raw:Store.")
            .Produces<ReadingsAnswer>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> Readings(
        string id, string metric, DeviceQueries devices, ReadingQueries readings, CancellationToken cancellationToken,
        string? from = null, string? to = null, int? limit = null, string? after = null, string? kind = null)
    {
        if (readings.Missing is { } missing) return Results.Problem(missing, statusCode: StatusCodes.Status404NotFound, title: "Raw readings are not kept");
        if (devices.Find(id) is not { } device) return DevicesApi.Unknown(id);
        kind ??= device.Stream.Kind;
        if (await readings.ReadAsync(device, kind, metric, from, to, limit, after, cancellationToken) is not { } page)
            return Results.Problem("Readings are kept in InfluxDB, which does not answer; ask again when it does.", statusCode: StatusCodes.Status503ServiceUnavailable, title: "InfluxDB does not answer");
        var next = page is { More: true, Readings: [.., var last] } ? ReadingQueries.Text(last.Mark) : null;
        return Results.Ok(new ReadingsAnswer(id, kind, metric, ApiExtensions.UnitOf(kind, metric), [.. page.Readings.Select(ReadingItem.From)], next));
    }
}
