using System.Text;

namespace SmartCity.Silo;

/// <summary>The ledger and the dead letters.</summary>
internal static class LedgerApi
{
    private const int MaxDeadLetters = 1000;

    public static void MapLedger(this IEndpointRouteBuilder api)
    {
        api.MapGet("/ledger", (LedgerQueries ledger, CancellationToken cancellationToken, string? from = null, string? to = null, string? device = null) =>
                device is "" ? throw new BadRequestException("'device' is empty; name a device, or leave it out for all.") : ledger.ReadAsync(from, to, device, cancellationToken))
            .WithName("GetLedger").WithSummary("Where every accepted reading is; the balance must be zero.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapGet("/deadletters", DeadLetters).WithName("ListDeadLetters").WithSummary("Messages that could not be taken, newest first, with the reason.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<DeadLetterList> DeadLetters(ITelemetryStore store, CancellationToken cancellationToken, string? device = null, int? limit = null)
    {
        var most = limit ?? 100;
        if (most is < 1 or > MaxDeadLetters) throw new BadRequestException($"'limit' must be 1 to {MaxDeadLetters}.");
        var letters = await store.ReadDeadLettersAsync(device, most, cancellationToken);
        return new([.. letters.Select(l => new DeadLetterItem(l.Position, ApiTime.At(l.ArrivalMs), l.Topic, l.DeviceId, l.Reason, l.Detail, l.Readings, Encoding.UTF8.GetString(l.Payload)))]);
    }

    internal sealed record DeadLetterList(IReadOnlyList<DeadLetterItem> Items);

    internal sealed record DeadLetterItem(
        long Position, DateTimeOffset Time, string Topic, string Device, string Reason, string Detail, int Readings, string Payload);
}
