using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// Users and rules in <c>access.db</c>, apart from the telemetry: a copy of the one does not give away the other, and the command line may write
/// while the server runs. A change is noticed by SQLite's <c>data_version</c>, which costs no read of the tables.
/// </summary>
public sealed class SqliteAccessStore : IAccessStore
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "access.db";

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS credential(user TEXT PRIMARY KEY, role TEXT NOT NULL, device TEXT, salt BLOB, hash BLOB,
          iterations INTEGER NOT NULL, revoked INTEGER NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS rule(id INTEGER PRIMARY KEY AUTOINCREMENT, role TEXT NOT NULL, effect TEXT NOT NULL, action TEXT NOT NULL, pattern TEXT NOT NULL);
        """;

    // What a role may do from the start: a device its own topics, an operator everything that comes in and all commands, a service both directions.
    private const string DefaultRules = """
        INSERT INTO rule(role, effect, action, pattern) VALUES
          ('device', 'Allow', 'Publish', 'city/+/+/+/%d'), ('device', 'Allow', 'Subscribe', 'cmd/%d/#'),
          ('operator', 'Allow', 'Subscribe', 'city/#'), ('operator', 'Allow', 'Subscribe', 'cmd/#'), ('operator', 'Allow', 'Subscribe', '$SYS/#'),
          ('operator', 'Allow', 'Publish', 'cmd/#'),
          ('service', 'Allow', 'Subscribe', 'city/#'), ('service', 'Allow', 'Subscribe', 'cmd/#'),
          ('service', 'Allow', 'Publish', 'city/#'), ('service', 'Allow', 'Publish', 'cmd/#');
        PRAGMA user_version = 1;
        """;

    private readonly SqliteConnection _connection;
    private readonly string _file;
    private long _seen = -1;

    private SqliteAccessStore(SqliteConnection connection, string file) => (_connection, _file) = (connection, file);

    /// <summary>Opens the file of a data folder, and makes it, readable by its owner only, when there is none.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be used; the message says what to do.</exception>
    public static SqliteAccessStore Open(string dataFolder)
    {
        var file = Path.Combine(Path.GetFullPath(dataFolder), FileName);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            if (!OperatingSystem.IsWindows())
            {
                using var made = new FileStream(file, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }

            var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 5 }.ToString());
            connection.Open();
            var store = new SqliteAccessStore(connection, file);
            store.Prepare();
            return store;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw Unavailable(file, exception);
        }
    }

    public AccessData? ReadIfChanged()
    {
        try
        {
            var version = Convert.ToInt64(Scalar("PRAGMA data_version"), System.Globalization.CultureInfo.InvariantCulture);
            if (version == _seen) return null;
            using var transaction = _connection.BeginTransaction(deferred: true);
            var data = new AccessData(ReadCredentials(), ReadRules());
            _seen = version;
            return data;
        }
        catch (SqliteException exception)
        {
            throw Unavailable(_file, exception);
        }
    }

    public void Put(Credential credential) => Execute(
        """
        INSERT INTO credential(user, role, device, salt, hash, iterations, revoked, version) VALUES($user, $role, $device, $salt, $hash, $iterations, $revoked, 1)
        ON CONFLICT(user) DO UPDATE SET role = $role, device = $device, salt = $salt, hash = $hash, iterations = $iterations, revoked = $revoked, version = version + 1
        """,
        ("$user", credential.User), ("$role", credential.Role), ("$device", credential.Device), ("$salt", credential.Salt), ("$hash", credential.Hash),
        ("$iterations", credential.Iterations), ("$revoked", credential.IsRevoked ? 1 : 0));

    public bool Revoke(string user)
    {
        if (Execute("UPDATE credential SET revoked = 1, version = version + 1 WHERE user = $user", ("$user", user)) > 0) return true;
        Put(new(user, "device", null, null, null, 0, IsRevoked: true, 0));
        return false;
    }

    public long AddRule(AccessRule rule)
    {
        Execute(
            "INSERT INTO rule(role, effect, action, pattern) VALUES($role, $effect, $action, $pattern)",
            ("$role", rule.Role), ("$effect", rule.Effect.ToString()), ("$action", rule.Action.ToString()), ("$pattern", rule.Pattern));
        return (long)Scalar("SELECT last_insert_rowid()")!;
    }

    public bool RemoveRule(long id) => Execute("DELETE FROM rule WHERE id = $id", ("$id", id)) > 0;

    public void Dispose() => _connection.Dispose();

    private static StoreUnavailableException Unavailable(string file, Exception exception) =>
        new($"The users and rules in '{file}' cannot be used ({exception.Message.TrimEnd('.')}). Make the file readable and writable for this user, or restore it from a copy.", exception);

    private void Prepare()
    {
        Execute("PRAGMA journal_mode = WAL");
        using var transaction = _connection.BeginTransaction();
        Execute(Schema);
        if ((long)Scalar("PRAGMA user_version")! == 0) Execute(DefaultRules);
        transaction.Commit();
    }

    private List<Credential> ReadCredentials()
    {
        var list = new List<Credential>();
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT user, role, device, salt, hash, iterations, revoked, version FROM credential ORDER BY user";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            list.Add(new(
                reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : (byte[])reader[3],
                reader.IsDBNull(4) ? null : (byte[])reader[4], reader.GetInt32(5), reader.GetInt32(6) != 0, reader.GetInt64(7)));
        }

        return list;
    }

    private List<AccessRule> ReadRules()
    {
        var list = new List<AccessRule>();
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT id, role, effect, action, pattern FROM rule ORDER BY id";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            list.Add(new(reader.GetInt64(0), reader.GetString(1), Enum.Parse<RuleEffect>(reader.GetString(2)), Enum.Parse<RuleAction>(reader.GetString(3)), reader.GetString(4)));
        }

        return list;
    }

    private object? Scalar(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private int Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            return command.ExecuteNonQuery();
        }
        catch (SqliteException exception)
        {
            throw Unavailable(_file, exception);
        }
    }
}
