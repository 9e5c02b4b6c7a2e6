using Npgsql;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>What the processes that share a store agree on. Used inside the transaction in which a process joins.</summary>
internal sealed class PostgresSettings(NpgsqlConnection connection, string host)
{
    // Held shared by every process; the key is apart from those of gateways' names, which are hashes.
    private const long MembersLock = PostgresSchema.Lock + 1;

    /// <summary>Compares with the stored values and writes those that are missing. A process that is alone may change what is not fixed.</summary>
    /// <exception cref="StoreUnavailableException">A value is another; the message says which, and what to do.</exception>
    public async Task AgreeAsync(IReadOnlyList<SharedSetting> settings, CancellationToken cancellationToken)
    {
        // Nobody can join meanwhile: the caller holds the lock of the schema.
        var isAlone = await IsAloneAsync(cancellationToken);
        var stored = await ReadAsync(cancellationToken);
        foreach (var setting in settings)
        {
            if (stored.TryGetValue(setting.Name, out var value) && value == setting.Value) continue;
            if (value is not null && (setting.IsFixed || !isAlone)) throw new StoreUnavailableException(Refusal(setting, value));
            await using var write = new NpgsqlCommand("INSERT INTO smartcity.setting(name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", connection);
            write.Parameters.Add(PostgresStore.Parameter(setting.Name));
            write.Parameters.Add(PostgresStore.Parameter(setting.Value));
            await write.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var join = new NpgsqlCommand($"SELECT pg_advisory_lock_shared({MembersLock})", connection);
        await join.ExecuteNonQueryAsync(cancellationToken);
    }

    private string Refusal(SharedSetting setting, string stored)
    {
        var (here, there) = (setting.Value.Length == 0 ? "not set" : setting.Value, stored.Length == 0 ? "not set" : stored);
        var write = stored.Length == 0 ? $"Leave {setting.Name} out" : $"Write {setting.Name}={stored}";
        return setting.IsFixed
            ? $"{setting.Name} is {here} here and {there} in the store at {host}, whose windows were made with it. {write}, or choose another database."
            : $"{setting.Name} is {here} here and {there} in the other processes of the cluster at {host}; all must have the same. {write}, or stop the others and start them with the new value.";
    }

    private async Task<bool> IsAloneAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_xact_lock({MembersLock})", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<Dictionary<string, string>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT name, value FROM smartcity.setting", connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) stored[row.GetString(0)] = row.GetString(1);
        return stored;
    }
}
