using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// The durable state in PostgreSQL, for several processes. Commits of all of them queue behind one advisory lock: two hosts then cannot deadlock
/// over areas that both change, and the last to come sees what the first has written.
/// </summary>
public sealed partial class PostgresStore : ISharedStore, IDisposable
{
    private const int MaxConnections = 16;

    private readonly PostgresOptions _options;
    private readonly ILogger _logger;
    private readonly NpgsqlDataSource _source;
    private readonly string _host;
    private NpgsqlConnection? _held; // holds the gateway's name while this process lives

    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public PostgresStore(PostgresOptions options, ILogger<PostgresStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _logger = logger ?? NullLogger<PostgresStore>.Instance;
        var builder = new NpgsqlConnectionStringBuilder(options.ConnectionString) { SearchPath = "smartcity" };
        // A server takes a hundred connections of all processes together unless it is told otherwise; more would wait for the same disk.
        if (!builder.ContainsKey("Maximum Pool Size")) builder.MaxPoolSize = MaxConnections;
        _host = $"{builder.Host}:{builder.Port}";
        _source = new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
    }

    /// <inheritdoc/>
    public int GatewayNumber { get; private set; }

    /// <inheritdoc/>
    public Task<StoreMarks> OpenAsync(CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await MigrateAsync(cancellationToken);
        if (_options.GatewayName is not { } name)
        {
            StorageLog.OpenedShared(_logger, _host, 0, -1);
            return new StoreMarks(-1, -1);
        }

        _held ??= await HoldAsync(name, cancellationToken);
        await using var command = _source.CreateCommand(
            "INSERT INTO gateway(name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING number, checkpoint, accepted_through");
        command.Parameters.Add(Parameter(name));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        GatewayNumber = row.GetInt32(0);
        var marks = new StoreMarks(row.GetInt64(1), row.GetInt64(2));
        StorageLog.OpenedShared(_logger, _host, GatewayNumber, marks.Checkpoint);
        return marks;
    });

    /// <inheritdoc/>
    /// <exception cref="StaleWindowsException">Windows were made from others than those in the store.</exception>
    /// <exception cref="StoreUnavailableException">The server cannot be reached. Whether the commit is stored is not known; it can be tried again.</exception>
    public async Task CommitAsync(StoreCommit commit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commit);
        cancellationToken.ThrowIfCancellationRequested();
        if (commit.IsEmpty) return;
        var began = Stopwatch.GetTimestamp();
        try
        {
            await GuardAsync(async () =>
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await new PostgresCommit(connection, commit, GatewayNumber, _options.MaxDeadLetters).ApplyAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return true;
            });
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            StorageTelemetry.Commits.Add(1, StorageTelemetry.Outcome("failed"));
            throw;
        }

        StorageTelemetry.Commits.Add(1, StorageTelemetry.Outcome("durable"));
        StorageTelemetry.CommitSeconds.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas, CancellationToken cancellationToken) =>
        CommitAsync(StoreCommit.Of(windows, areas), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_held is not null) await _held.DisposeAsync();
        await _source.DisposeAsync();
    }

    /// <summary>As <see cref="DisposeAsync"/>, for containers that are disposed synchronously.</summary>
    public void Dispose()
    {
        _held?.Dispose();
        _source.Dispose();
    }

    internal static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RunAsync(connection, $"SELECT pg_advisory_xact_lock({PostgresSchema.Lock})", cancellationToken);
        await RunAsync(connection, PostgresSchema.Prepare, cancellationToken);
        await using (var read = new NpgsqlCommand("SELECT coalesce(max(number), 0) FROM smartcity.version", connection))
        {
            var version = (int)(await read.ExecuteScalarAsync(cancellationToken))!;
            if (version > PostgresSchema.Migrations.Length)
                throw new StoreUnavailableException($"The store at {_host} has version {version}, of a newer program; this one knows {PostgresSchema.Migrations.Length}. Install that program.");
            for (; version < PostgresSchema.Migrations.Length; version++)
                await RunAsync(connection, PostgresSchema.Migrations[version] + $"; INSERT INTO smartcity.version VALUES ({version + 1})", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Two gateways with one name would each take the other's positions for its own.</summary>
    private async Task<NpgsqlConnection> HoldAsync(string name, CancellationToken cancellationToken)
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock(hashtextextended($1, 1128879193))", connection);
        command.Parameters.Add(Parameter("gateway " + name));
        if ((bool)(await command.ExecuteScalarAsync(cancellationToken))!) return connection;
        await connection.DisposeAsync();
        throw new StoreUnavailableException($"The gateway '{name}' is at work already, with this store. Its data folder must not be copied: set Data to another folder.");
    }

    private static async Task RunAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException error) when (error is not PostgresException { IsTransient: false })
        {
            throw new StoreUnavailableException($"The store at {_host} cannot be reached ({error.Message}). Start PostgreSQL, or correct Cluster:ConnectionString.", error);
        }
    }
}
