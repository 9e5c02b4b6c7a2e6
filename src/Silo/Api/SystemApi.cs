namespace SmartCity.Silo;

/// <summary>What the program itself is doing.</summary>
internal static class SystemApi
{
    public static void MapSystem(this IEndpointRouteBuilder api) =>
        api.MapGet("/system/grains", (IGrainView view, CancellationToken cancellationToken) => view.ReadAsync(cancellationToken))
            .WithName("GetGrains").WithSummary("Grains in memory by class and place, the deepest mailboxes, the slowest methods and the grains called most.");
}
