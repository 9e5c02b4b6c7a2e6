using System.Diagnostics;
using Npgsql;

namespace SmartCity.Storage.Tests;

/// <summary>A PostgreSQL server of the tests' own on a free port, with a temporary folder. As root it runs as the user postgres: the server refuses root.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-postgres-").FullName;
    private readonly int _port = ServerProcess.FreePort();
    private int _databases;

    private static string Bin => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin"
        : throw new InvalidOperationException("PostgreSQL is not installed; the tests need it (Debian: apt-get install postgresql).");

    public async ValueTask InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess) await RunAsync($"chown postgres {_folder}", asServer: false);
        await RunAsync($"{Bin}/initdb -D {_folder}/data -A trust -U city -E UTF8 --locale=C.UTF-8");
        await StartAsync();
    }

    /// <summary>Starts the server, also again after <see cref="KillAsync"/>, and waits until it takes connections.</summary>
    public Task StartAsync() => RunAsync($"{Bin}/pg_ctl -D {_folder}/data -o '-p {_port} -k {_folder} -c listen_addresses=127.0.0.1' -l {_folder}/log -w start");

    /// <summary>Ends the server without a word to its clients; the next start recovers.</summary>
    public Task KillAsync() => RunAsync($"{Bin}/pg_ctl -D {_folder}/data -m immediate -w stop");

    /// <summary>Both at once, as short as the server can.</summary>
    public Task RestartAsync() => RunAsync($"{Bin}/pg_ctl -D {_folder}/data -m immediate -l {_folder}/log -w restart");

    /// <summary>Ends all connections from the server's side: what they held is free.</summary>
    public Task EndSessionsAsync() => AskAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");

    /// <summary>How many connections there are under an application's name.</summary>
    public async Task<int> SessionsAsync(string application) => (int)(long)(await AskAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{application}'"))!;

    /// <summary>A new database; what to connect to it with.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"t{Interlocked.Increment(ref _databases)}";
        await AskAsync($"CREATE DATABASE {name}");
        return $"Host=127.0.0.1;Port={_port};Database={name};Username=city;Maximum Pool Size=8";
    }

    private Task<object?> AskAsync(string text) => AskAsync($"Host=127.0.0.1;Port={_port};Database=postgres;Username=city", text);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Runs a statement in a database; its first value.</summary>
    public async Task<object?> AskAsync(string database, string text)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(text, connection);
        return await command.ExecuteScalarAsync();
    }

    private static async Task RunAsync(string command, bool asServer = true)
    {
        string[] arguments = asServer && Environment.IsPrivilegedProcess ? ["su", "postgres", "-s", "/bin/sh", "-c", command] : ["/bin/sh", "-c", command];
        var start = new ProcessStartInfo(arguments[0], arguments[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/tmp" };
        using var process = Process.Start(start)!;
        // pg_ctl leaves a server behind that keeps the pipe: only the end of the program counts.
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        if (process.ExitCode != 0) throw new InvalidOperationException($"'{command}' ended with {process.ExitCode}: {await process.StandardError.ReadToEndAsync()}");
    }
}
