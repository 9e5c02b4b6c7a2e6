namespace SmartCity.Simulators;

/// <summary>Size of a 5G network that is simulated without the rest of its cities.</summary>
public sealed record NetworkOptions
{
    /// <summary>Sites of a unit before another one gets any: enough for lamp posts and masts of every operator.</summary>
    public const int SitesPerCity = 30;

    /// <summary>Granularity periods, seconds; all of them divide the hour.</summary>
    public static IReadOnlyList<int> Granularities { get; } = [60, 300, 900, 3600];

    /// <summary>Sites of all operators; each has three cells.</summary>
    public int Sites { get; init; } = 90;

    /// <summary>Phones: two of three in vehicles, the others of people with logged MDT.</summary>
    public int Phones { get; init; } = 30;

    /// <summary>Checks the values; the message of the exception says what to write instead.</summary>
    public void Validate()
    {
        if (Sites is < 1 or > 100_000) throw new ArgumentException("--sites must be 1 to 100000.");
        if (Phones is < 0 or > 100_000) throw new ArgumentException("--phones must be 0 to 100000.");
    }
}
