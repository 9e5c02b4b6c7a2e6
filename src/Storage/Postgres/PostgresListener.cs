using System.Threading.Channels;
using Npgsql;

namespace SmartCity.Storage;

/// <summary>Hears what transactions notify, over a connection of its own.</summary>
internal sealed class PostgresListener : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly Channel<bool> _heard = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _listening;

    private PostgresListener(NpgsqlConnection connection)
    {
        _connection = connection;
        _listening = ListenAsync();
    }

    /// <summary>False once the connection is lost.</summary>
    public bool IsListening => !_listening.IsCompleted;

    public static async Task<PostgresListener> StartAsync(string connectionString, string channel, CancellationToken cancellationToken)
    {
        var connection = await PostgresSession.OpenAsync(connectionString, cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand("LISTEN " + channel, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return new(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes after a notification since the last call; fails when the connection is lost.</summary>
    public async Task HeardAsync(CancellationToken cancellationToken) => await _heard.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listening;
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                await _connection.WaitAsync(_stop.Token);
                _heard.Writer.TryWrite(true);
            }
        }
        catch (Exception error)
        {
            _heard.Writer.TryComplete(error); // whoever waits is told
        }
    }
}
