using Npgsql;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>A database.</summary>
/// <param name="storeTime">The clock of the stores, when it is not that of the rig.</param>
internal sealed class PostgresOutboxHome(string database, TimeProvider? storeTime = null) : OutboxHome
{
    private readonly ListLogger<PostgresStore> _log = new();

    public override (ITelemetryStore Store, IOutbox Outbox) Create(InfluxOptions options, TimeProvider time)
    {
        var store = new PostgresStore(new() { ConnectionString = database, Influx = options }, _log, storeTime ?? time);
        return (store, store.Outbox!);
    }

    public override int Logged(int eventId) => _log.Count(eventId);

    public override async Task<int> ChangeAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(database + ";Search Path=smartcity;Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteNonQueryAsync();
    }
}
