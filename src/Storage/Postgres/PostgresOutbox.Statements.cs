using Npgsql;

namespace SmartCity.Storage;

/// <summary>Statements that several of its steps make.</summary>
internal sealed partial class PostgresOutbox
{
    private async Task ReadSumsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT {SumColumns} FROM outbox_state", connection);
        Committed(await SumsAsync(command, cancellationToken));
    }

    private static async Task<(long Chunks, long Bytes, long Starts, long Change)> AddAsync(
        NpgsqlConnection connection, long chunks, long bytes, long starts, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection, $"UPDATE outbox_state SET chunks = chunks + $1, bytes = bytes + $2, starts = starts + $3, change = change + 1 RETURNING {SumColumns}", chunks, bytes, starts);
        return await SumsAsync(command, cancellationToken);
    }

    private static async Task<(long Chunks, long Bytes, long Starts, long Change)> SumsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
    }

    private static Task<int> InsertAsync(NpgsqlConnection connection, IReadOnlyList<LineChunk> chunks, CancellationToken cancellationToken) => RunAsync(
        connection,
        "INSERT INTO outbox(lines, body, first_start, last_start) SELECT c.lines, c.body, c.first, c.last "
        + "FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS c(lines, body, first, last, n) ORDER BY c.n",
        cancellationToken,
        chunks.Select(c => c.Lines).ToArray(), chunks.Select(c => c.Body).ToArray(), chunks.Select(c => c.FirstStartMs).ToArray(), chunks.Select(c => c.LastStartMs).ToArray());

    private static async Task<long?> FirstOfStartsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT min(start) FROM outbox_start", connection);
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    private static async Task<(long, long)> PairAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetInt64(1));
    }

    private static async Task<bool> IsMineAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({SenderLock})", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<int> RunAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Command(connection, text, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, params object[] values)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
