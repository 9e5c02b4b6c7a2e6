using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>A database.</summary>
internal sealed class PostgresOutboxHome(string database) : OutboxHome
{
    private readonly ListLogger<PostgresStore> _log = new();

    public override (ITelemetryStore Store, IOutbox Outbox) Create(InfluxOptions options, TimeProvider time)
    {
        var store = new PostgresStore(new() { ConnectionString = database, Influx = options }, _log, time);
        return (store, store.Outbox!);
    }

    public override int Logged(int eventId) => _log.Count(eventId);
}
