namespace SmartCity.Simulators;

/// <summary>How an audit is done.</summary>
public sealed record AuditOptions
{
    /// <summary>Folder that <c>city --truth</c> wrote.</summary>
    public required string Truth { get; init; }

    /// <summary>Address of the platform's HTTP API.</summary>
    public Uri Url { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>Bearer token; null: none is sent.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// How long to wait until the platform has stored everything. Five minutes: a device whose clock is two minutes ahead fills windows that close in three.
    /// </summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The platform's <c>Window:LatenessSeconds</c>; null: what the platform says.</summary>
    public int? LatenessSeconds { get; init; }

    /// <summary>How far the clocks of sender and platform may differ, milliseconds.</summary>
    public int ClockMs { get; init; } = 1000;

    /// <summary>Differences that are listed.</summary>
    public int First { get; init; } = 20;

    /// <exception cref="ArgumentException">What is wrong, and what to write instead.</exception>
    public void Validate()
    {
        if (Url.Scheme is not ("http" or "https")) throw new ArgumentException($"--url is '{Url}'; write http://host:port, such as http://127.0.0.1:8080.");
        if (Wait < TimeSpan.Zero || Wait > TimeSpan.FromDays(1)) throw new ArgumentException("--wait must be 0 to 86400 seconds.");
        if (LatenessSeconds < 0) throw new ArgumentException("--lateness must be 0 or more seconds: Window:LatenessSeconds of the platform.");
        if (ClockMs is < 0 or > 3_600_000) throw new ArgumentException("--clock must be 0 to 3600000 milliseconds.");
        if (First is < 1 or > 100_000) throw new ArgumentException("--first must be 1 to 100000.");
    }
}
