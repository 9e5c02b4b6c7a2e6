namespace SmartCity.Storage;

/// <summary>A store in PostgreSQL, for several processes.</summary>
public sealed class PostgresOptions
{
    /// <summary>As Npgsql reads it, such as <c>Host=db;Database=city;Username=city;Password=…</c>.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Name of this process' gateway, which belongs to its intake log; null when the process has none.</summary>
    public string? GatewayName { get; init; }

    /// <summary>Dead letters kept with their payload; the oldest go first. Default 100,000.</summary>
    public int MaxDeadLetters { get; init; } = 100_000;

    /// <summary>What all processes must agree on. Default: nothing.</summary>
    public IReadOnlyList<SharedSetting> Settings { get; init; } = [];

    /// <summary>Null, or without a Url: nothing is sent to InfluxDB.</summary>
    public InfluxOptions? Influx { get; init; }
}
