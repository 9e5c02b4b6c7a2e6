using Npgsql;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// The connection that a process keeps while it uses the store. It holds what says that the process is there: a shared lock of all processes, and the name of
/// its gateway. Both end with the process, however it ends, and are taken again when the server has been away.
/// </summary>
internal sealed class PostgresSession(string connectionString, string host, PostgresOptions options) : IAsyncDisposable, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private NpgsqlConnection? _connection;

    /// <summary>Makes sure that the connection is there; the first time this prepares the tables.</summary>
    /// <exception cref="StoreUnavailableException">The store is of a newer program, the settings are others than those of the cluster, or the gateway's name is taken.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (await IsAliveAsync(cancellationToken)) return;
            if (_connection is not null) await _connection.DisposeAsync();
            _connection = null;
            _connection = await ConnectAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        var connection = _connection;
        _connection = null;
        if (connection is not null) await LeaveAsync(connection);
        _gate.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>A connection outside the pool: what it holds goes with it. The server finds out within half a minute when the network has gone between them.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = 10 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await RunAsync(connection, "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3", cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> IsAliveAsync(CancellationToken cancellationToken)
    {
        if (_connection is null) return false;
        try
        {
            await RunAsync(_connection, "SELECT 1", cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            return false; // the server was restarted, or the network was cut
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(connectionString, cancellationToken);
        try
        {
            await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
            {
                await RunAsync(connection, PostgresSchema.TakeLock, cancellationToken);
                await MigrateAsync(connection, cancellationToken);
                await new PostgresSettings(connection, host).AgreeAsync(options.Settings, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }

            if (options.GatewayName is { } name) await HoldAsync(connection, name, cancellationToken);
            return connection;
        }
        catch
        {
            await LeaveAsync(connection);
            throw;
        }
    }

    /// <summary>Lets go before it closes: the server would notice the end of the connection a moment later, and refuse who comes in between.</summary>
    private static async Task LeaveAsync(NpgsqlConnection connection)
    {
        try
        {
            if (connection.FullState == System.Data.ConnectionState.Open) await RunAsync(connection, "SELECT pg_advisory_unlock_all()", CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // The server is away, and with it what was held.
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    private async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await RunAsync(connection, PostgresSchema.Prepare, cancellationToken);
        await using var read = new NpgsqlCommand("SELECT coalesce(max(number), 0) FROM smartcity.version", connection);
        var version = (int)(await read.ExecuteScalarAsync(cancellationToken))!;
        if (version > PostgresSchema.Migrations.Length)
            throw new StoreUnavailableException($"The store at {host} has version {version}, of a newer program; this one knows {PostgresSchema.Migrations.Length}. Install that program.");
        for (; version < PostgresSchema.Migrations.Length; version++)
            await RunAsync(connection, PostgresSchema.Migrations[version] + $"; INSERT INTO smartcity.version VALUES ({version + 1})", cancellationToken);
    }

    /// <summary>Two gateways with one name would each take the other's positions for its own.</summary>
    private static async Task HoldAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock(hashtextextended($1, 1128879193))", connection);
        command.Parameters.Add(PostgresStore.Parameter("gateway " + name));
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            throw new StoreUnavailableException($"The gateway '{name}' is at work already, with this store. Its data folder must not be copied: set Data to another folder.");
    }

    private static async Task RunAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
