using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>A folder.</summary>
internal sealed class SqliteOutboxHome(RawStore raw = RawStore.None) : OutboxHome
{
    private readonly TempFolder _folder = new();
    private readonly ListLogger<SqliteStore> _log = new();

    public override (ITelemetryStore Store, IOutbox Outbox) Create(InfluxOptions options, TimeProvider time)
    {
        var settings = _folder.Options(options);
        settings.Raw.Store = raw;
        var store = new SqliteStore(settings, _log);
        return (store, store.Outbox);
    }

    public override int Logged(int eventId) => _log.Count(eventId);

    public override async Task<int> ChangeAsync(string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "city.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        return await command.ExecuteNonQueryAsync();
    }

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return base.DisposeAsync();
    }
}
