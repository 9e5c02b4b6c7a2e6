namespace SmartCity.Storage.Tests;

/// <summary>The outbox in PostgreSQL.</summary>
public sealed class PostgresOutboxLaneTests(PostgresServer server) : OutboxLaneConformance, IClassFixture<PostgresServer>
{
    private protected override async Task<OutboxHome> NewHomeAsync() => new PostgresOutboxHome(await server.NewDatabaseAsync(), new ImpatientTime());
}
