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
    private readonly PostgresSession _session;
    private readonly PostgresOutbox? _outbox; // null without InfluxDB
    private bool _overflowing;

    /// <exception cref="ArgumentException">The connection string cannot be read, or another option cannot be used.</exception>
    public PostgresStore(PostgresOptions options, ILogger<PostgresStore>? logger = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Influx?.Validate();
        _options = options;
        _logger = logger ?? NullLogger<PostgresStore>.Instance;
        var builder = new NpgsqlConnectionStringBuilder(options.ConnectionString) { SearchPath = "smartcity" };
        // A server takes a hundred connections of all processes together unless it is told otherwise; more would wait for the same disk.
        if (!builder.ShouldSerialize("Maximum Pool Size")) builder.MaxPoolSize = MaxConnections;
        _host = $"{builder.Host}:{builder.Port}";
        _source = new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
        _session = new(builder.ConnectionString, _host, options);
        if (options.Influx is { Enabled: true } influx) _outbox = new(builder.ConnectionString, influx, time ?? TimeProvider.System, _logger);
    }

    /// <inheritdoc/>
    public int GatewayNumber { get; private set; }

    /// <summary>What waits for InfluxDB; null without InfluxDB.</summary>
    internal IOutbox? Outbox => _outbox;

    /// <inheritdoc/>
    public Task<StoreMarks> OpenAsync(CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await _session.EnsureAsync(cancellationToken);
        if (_outbox is not null) await _outbox.OpenAsync(_source, cancellationToken);
        if (_options.GatewayName is not { } name)
        {
            StorageLog.OpenedShared(_logger, _host, 0, -1);
            return new StoreMarks(-1, -1);
        }

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
        using var activity = StorageTelemetry.Activities.StartActivity("storage.commit");
        activity?.SetTag("smartcity.windows", commit.Windows.Count);
        try
        {
            await GuardAsync(() => ApplyAsync(commit, cancellationToken));
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            StorageTelemetry.Commits.Add(1, StorageTelemetry.Outcome("failed"));
            activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            throw;
        }

        StorageTelemetry.Commits.Add(1, StorageTelemetry.Outcome("durable"));
        StorageTelemetry.CommitSeconds.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        StorageTelemetry.CountRows(commit);
    }

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas, CancellationToken cancellationToken) =>
        CommitAsync(StoreCommit.Of(windows, areas), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_outbox is not null) await _outbox.DisposeAsync();
        await _session.DisposeAsync();
        await _source.DisposeAsync();
    }

    /// <summary>As <see cref="DisposeAsync"/>, for containers that are disposed synchronously.</summary>
    public void Dispose()
    {
        _outbox?.Dispose();
        _session.Dispose();
        _source.Dispose();
    }

    internal static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };

    private async Task<bool> ApplyAsync(StoreCommit commit, CancellationToken cancellationToken)
    {
        // Encoding and compressing the lines needs no transaction, so it is done before this commit's turn comes; what areas become is known only in it.
        var influx = _outbox is null ? null : _options.Influx!;
        var early = commit.AreaDeltas.Count == 0;
        IReadOnlyList<LineChunk> chunks = influx is null ? [] : await Task.Run(() => LineProtocol.Chunks(commit.Windows, early ? commit.Areas : [], influx), cancellationToken);
        await _session.EnsureAsync(cancellationToken);
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var change = new PostgresCommit(connection, commit, GatewayNumber, _options.MaxDeadLetters);
        if (!await change.ApplyAsync(cancellationToken)) return true;
        if (influx is not null && !early) chunks = [.. chunks, .. LineProtocol.Chunks([], change.Areas, influx)];
        var starts = commit.Windows.Select(w => w.StartMs).Concat(change.Areas.Select(a => a.StartMs));
        var appended = _outbox is null ? null : await _outbox.AppendAsync(connection, chunks, starts, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (appended is not var (fits, waiting, bytes, waitingStarts, number)) return true;
        _outbox!.Committed((waiting, bytes, waitingStarts, number));
        if (!fits) StorageTelemetry.OutboxOverflows.Add(1);
        if (!fits && !_overflowing) StorageLog.OutboxFull(_logger, influx!.MaxOutboxBytes);
        _overflowing = !fits;
        return true;
    }

    /// <summary>
    /// True when it is not the statement that is wrong: no connection, or a server that is read-only (25), lets this user or database in no more (28, 3D), or has
    /// cancelled (57), the end of a transaction in which this process stood still (25P03) among them.
    /// </summary>
    private static bool IsAbsence(NpgsqlException error) => error is not PostgresException answer || answer.IsTransient || answer.SqlState[..2] is "25" or "28" or "3D" or "57";

    private async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException error) when (IsAbsence(error))
        {
            throw new StoreUnavailableException($"The store at {_host} cannot be reached ({error.Message}). Start PostgreSQL, or correct Cluster:ConnectionString.", error);
        }
    }
}
