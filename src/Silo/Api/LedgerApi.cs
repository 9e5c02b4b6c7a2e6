using System.Text;
using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>The ledger and the dead letters.</summary>
internal static class LedgerApi
{
    private const int MaxDeadLetters = 1000;
    private const int MaxParts = 5000;

    public static void MapLedger(this IEndpointRouteBuilder api)
    {
        api.MapGet("/ledger", (LedgerQueries ledger, CancellationToken cancellationToken, string? from = null, string? to = null, string? device = null) =>
                device is "" ? throw new BadRequestException("'device' is empty; name a device, or leave it out for all.") : ledger.ReadAsync(from, to, device, cancellationToken))
            .WithName("GetLedger").WithSummary("Where every accepted reading is; the balance must be zero.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapGet("/ledger/hours", (LedgerQueries ledger, CancellationToken cancellationToken, string? from = null, string? to = null, string? device = null, int? limit = null) =>
                ledger.ByHourAsync(from, to, device, Limit(limit, 744), cancellationToken))
            .WithName("GetLedgerByHour").WithSummary("The ledger hour by hour, oldest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapGet("/ledger/devices", (LedgerQueries ledger, CancellationToken cancellationToken, string? from = null, string? to = null, string? device = null, int? limit = null) =>
                ledger.ByDeviceAsync(from, to, device, Limit(limit, 100), cancellationToken))
            .WithName("GetLedgerByDevice").WithSummary("The ledger device by device: first what does not add up, then what was rejected most.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapPost("/deadletters/replay", Replay).WithName("ReplayDeadLetters")
            .WithSummary("Takes dead letters in again, put right: another topic, other names of fields. A dry run tells what would happen.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("/deadletters", DeadLetters).WithName("ListDeadLetters").WithSummary("Messages that could not be taken, newest first, with the reason.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static int Limit(int? limit, int otherwise) =>
        limit is null ? otherwise : limit is >= 1 and <= MaxParts ? limit.Value : throw new BadRequestException($"'limit' must be 1 to {MaxParts}.");

    private static async Task<DeadLetterList> DeadLetters(ITelemetryStore store, CancellationToken cancellationToken, string? device = null, int? limit = null)
    {
        var most = limit ?? 100;
        if (most is < 1 or > MaxDeadLetters) throw new BadRequestException($"'limit' must be 1 to {MaxDeadLetters}.");
        var letters = await store.ReadDeadLettersAsync(device, most, cancellationToken);
        return new([.. letters.Select(l => new DeadLetterItem(l.Position, ApiTime.At(l.ArrivalMs), l.Topic, l.DeviceId, l.Reason, l.Detail, l.Readings, Encoding.UTF8.GetString(l.Payload), l.ReplayedMs is { } ms ? ApiTime.At(ms) : null))]);
    }

    private static async Task<ReplayReport> Replay(ReplayRequest request, DeadLetterReplay replay, CancellationToken cancellationToken)
    {
        if (request.Limit is < 1 or > MaxDeadLetters) throw new BadRequestException($"'limit' must be 1 to {MaxDeadLetters}.");
        if (request.Topic is { Replace: null or "" } or { With: null }) throw new BadRequestException("'topic' needs 'replace' and 'with', such as {\"replace\":\"/xx/\",\"with\":\"/sg/\"}.");
        if (request.Rename?.Any(r => r.Key.Length == 0 || string.IsNullOrEmpty(r.Value)) == true) throw new BadRequestException("'rename' has an empty name; write old names with new ones, such as {\"PM2_5\":\"pm25\"}.");
        return await replay.RunAsync(request, cancellationToken);
    }

    internal sealed record DeadLetterList(IReadOnlyList<DeadLetterItem> Items);

    internal sealed record DeadLetterItem(
        long Position, DateTimeOffset Time, string Topic, string Device, string Reason, string Detail, int Readings, string Payload, DateTimeOffset? Replayed);
}
