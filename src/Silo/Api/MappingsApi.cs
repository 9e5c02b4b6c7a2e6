using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>Mappings: which topics and names of fields the platform reads as others.</summary>
internal static class MappingsApi
{
    public static void MapMappings(this IEndpointRouteBuilder api)
    {
        api.MapGet("/mappings", (MappingService mappings) => new MappingList([.. mappings.InForce.Select(Item)]))
            .WithName("ListMappings").WithSummary("Mappings in force, oldest first; of several that match a message the first counts.");
        api.MapGet("/mappings/{id}", IResult (string id, MappingService mappings) => mappings.InForce.FirstOrDefault(r => r.Id == id) is { } rule ? TypedResults.Ok(Item(rule)) : Unknown(id))
            .WithName("GetMapping").WithSummary("One mapping in force.").Produces<MappingItem>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/mappings", async (MappingDraft draft, MappingService mappings, CancellationToken cancellationToken) =>
            {
                var rule = await Guard(() => mappings.AddAsync(draft, cancellationToken));
                return TypedResults.Created($"/api/v1/mappings/{rule.Id}", Item(rule));
            })
            .WithName("AddMapping").WithSummary("Reads messages of other topics or with other names of fields, from now on.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapPut("/mappings/{id}", async Task<IResult> (string id, MappingDraft draft, MappingService mappings, CancellationToken cancellationToken) =>
                await Guard(() => mappings.ReplaceAsync(id, draft, cancellationToken)) is { } rule ? TypedResults.Ok(Item(rule)) : Unknown(id))
            .WithName("ReplaceMapping").WithSummary("Changes a mapping from now on.").Produces<MappingItem>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapDelete("/mappings/{id}", async Task<IResult> (string id, MappingService mappings, CancellationToken cancellationToken) =>
                await Guard(() => mappings.DeleteAsync(id, cancellationToken)) ? TypedResults.NoContent() : Unknown(id))
            .WithName("DeleteMapping").WithSummary("Ends a mapping. What was read by it stays.").Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult Unknown(string id) => ApiExtensions.NotFound($"There is no mapping '{id}'; GET /api/v1/mappings lists them.");

    private static async Task<T> Guard<T>(Func<Task<T>> change)
    {
        try
        {
            return await change();
        }
        catch (ArgumentException error)
        {
            throw new BadRequestException(error.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The mapping could not be written ({error.Message}) and does not count. Free space, or give this user write permission in the data folder.", error);
        }
    }

    private static MappingItem Item(MappingRule rule) => new(rule.Id, rule.Filter, rule.To, rule.Rename, ApiTime.At(rule.CreatedMs));

    internal sealed record MappingList(IReadOnlyList<MappingItem> Items);

    internal sealed record MappingItem(string Id, string Filter, string? To, IReadOnlyDictionary<string, string>? Rename, DateTimeOffset Created);
}
