using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>The HTTP API: OpenAPI at <c>/openapi/v1.json</c>, errors as problem details.</summary>
internal static class ApiExtensions
{
    public static IServiceCollection AddSmartCityApi(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true); // so that the answer names the parameter
        services.AddExceptionHandler<BadRequestHandler>();
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "SmartCity";
            document.Info.Description = "City telemetry. Times are RFC 3339; a value that is not known is null, never zero.";
            return Task.CompletedTask;
        }));
        return services
            .AddSingleton<DeviceQueries>()
            .AddSingleton<SeriesQueries>()
            .AddSingleton<ReadingQueries>()
            .AddSingleton<LedgerQueries>();
    }

    public static void MapSmartCityApi(this WebApplication app)
    {
        app.MapOpenApi();
        var api = app.MapGroup("/api/v1");
        api.MapInfo();
        api.MapDevices();
        api.MapReadings();
        api.MapAreas();
        api.MapLedger();
        api.MapMappings();
        api.MapCells();
        api.MapCoverage();
        api.MapSystem();
        app.MapHealth();
    }

    /// <summary>404 with a detail.</summary>
    public static IResult NotFound(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found");

    /// <summary>The metric's unit, where the catalogue knows it.</summary>
    public static string? UnitOf(string kind, string metric) => KindCatalog.Find(kind)?.FindMetric(metric)?.Unit;

    /// <summary>JSON has no NaN: what is not known is null.</summary>
    public static double? Known(double value) => double.IsFinite(value) ? value : null;
}
