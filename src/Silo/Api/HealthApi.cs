using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>Health for load balancers and people.</summary>
internal static class HealthApi
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz/live", () => new Health("live", null)).WithName("GetLive").WithSummary("200 while the process answers.");
        app.MapGet("/healthz/ready", (IntakeLog log, ICommitState closer) =>
        {
            string? problem = log.IsFailing ? "The intake log cannot be written; nothing is acknowledged until it can. Free disk space or repair the disk."
                : log.IsFull ? "The intake log is full; publishers wait."
                : closer.HasUnfinishedCommit ? "The store refuses commits; acknowledged messages are safe in the intake log." : null;
            return problem is null ? Results.Ok(new Health("ready", null)) : Results.Json(new Health("unready", problem), statusCode: StatusCodes.Status503ServiceUnavailable);
        }).WithName("GetReady").WithSummary("200 while messages are accepted and stored, 503 with the reason otherwise.").Produces<Health>().Produces<Health>(StatusCodes.Status503ServiceUnavailable);
    }

    internal sealed record Health(string Status, string? Problem);
}
