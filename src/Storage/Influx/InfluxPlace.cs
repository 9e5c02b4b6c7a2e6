using System.Globalization;

namespace SmartCity.Storage;

/// <summary>Where lines of a target are written to and read from.</summary>
/// <param name="Database">Database (v1, v3) or bucket (v2).</param>
/// <param name="Policy">Retention policy of the v1 API; null: the default one of the database.</param>
/// <param name="Retention">How long it keeps them, zero for ever; null: that is none of our business.</param>
internal sealed record InfluxPlace(string Database, string? Policy, TimeSpan? Retention)
{
    /// <summary>InfluxQL of how long: <c>720h</c>, <c>INF</c>.</summary>
    public string Duration => Retention is { Ticks: > 0 } ? Hours : "INF";

    /// <summary>Whole hours, such as <c>720h</c>.</summary>
    public string Hours => ((long)Retention.GetValueOrDefault().TotalHours).ToString(CultureInfo.InvariantCulture) + "h";

    /// <summary>
    /// How much one shard holds: what InfluxDB would choose by itself. Said, because a policy that is to keep less than before could otherwise be refused for its longer shards.
    /// </summary>
    public string ShardDuration => Retention is not { Ticks: > 0 } time || time > TimeSpan.FromDays(180) ? "168h" : time >= TimeSpan.FromDays(2) ? "24h" : "1h";

    /// <summary>
    /// An answer that refuses nothing but lines that have outlived this retention, and took the others, is a success: they would be deleted anyway.
    /// </summary>
    public WriteOutcome Forgive(WriteOutcome outcome) =>
        Retention is not null && outcome.Result == WriteResult.Rejected && outcome.Message.Contains("points beyond retention policy", StringComparison.Ordinal) ? WriteOutcome.Accepted : outcome;

    public static InfluxPlace Of(InfluxOptions options, LineTarget target)
    {
        if (options.Retention.Of(target) is not { } retention) return new(options.Database, null, null);
        var name = target switch
        {
            LineTarget.Windows => "windows",
            LineTarget.QuarterHours => "quarter_hours",
            LineTarget.Hours => "hours",
            LineTarget.Days => "days",
            _ => "raw",
        };
        return options.EffectiveApiVersion == InfluxApiVersion.V1 ? new(options.Database, name, retention) : new($"{options.Database}_{name}", null, retention);
    }
}
