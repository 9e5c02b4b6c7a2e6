namespace SmartCity.Storage.Tests;

/// <summary>The outbox in SQLite.</summary>
public sealed class SqliteOutboxLaneTests : OutboxLaneConformance
{
    private protected override Task<OutboxHome> NewHomeAsync() => Task.FromResult<OutboxHome>(new SqliteOutboxHome());
}
