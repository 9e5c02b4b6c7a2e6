using Npgsql;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// The tables in which Orleans keeps who is in the cluster and the states of grains, made when they are missing. Names of parameters and results and the
/// keys of the queries are what Microsoft.Orleans.Clustering.AdoNet and .Persistence.AdoNet ask for; the statements are ours. What Orleans' own scripts have
/// prepared is left as it is.
/// </summary>
public static class OrleansSchema
{
    private const string QueryTable = "CREATE TABLE IF NOT EXISTS OrleansQuery(QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL)";

    private const string MembershipTables = """
        CREATE TABLE OrleansMembershipVersionTable(DeploymentId varchar(150) PRIMARY KEY, Timestamp timestamptz(3) NOT NULL DEFAULT now(), Version integer NOT NULL DEFAULT 0);
        CREATE TABLE OrleansMembershipTable(DeploymentId varchar(150) NOT NULL REFERENCES OrleansMembershipVersionTable(DeploymentId), Address varchar(45) NOT NULL,
          Port integer NOT NULL, Generation integer NOT NULL, SiloName varchar(150) NOT NULL, HostName varchar(150) NOT NULL, Status integer NOT NULL, ProxyPort integer,
          SuspectTimes varchar(8000), MetadataJson text, StartTime timestamptz(3) NOT NULL, IAmAliveTime timestamptz(3) NOT NULL,
          PRIMARY KEY(DeploymentId, Address, Port, Generation));
        """;

    // A cleared state keeps its row, and so its version: a writer that has not heard of it is refused.
    private const string StorageTable = """
        CREATE TABLE OrleansStorage(GrainIdHash integer NOT NULL, GrainIdN0 bigint NOT NULL, GrainIdN1 bigint NOT NULL, GrainTypeHash integer NOT NULL,
          GrainTypeString varchar(512) NOT NULL, GrainIdExtensionString varchar(512), ServiceId varchar(150) NOT NULL,
          PayloadBinary bytea, ModifiedOn timestamptz(3) NOT NULL DEFAULT now(), Version integer NOT NULL);
        CREATE UNIQUE INDEX OrleansStorageKey ON OrleansStorage(GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, ServiceId, GrainTypeString, (coalesce(GrainIdExtensionString, '')));
        """;

    private const string State =
        "GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND ServiceId = @ServiceId "
        + "AND GrainTypeString = @GrainTypeString AND coalesce(GrainIdExtensionString, '') = coalesce(CAST(@GrainIdExtensionString AS varchar), '')";

    // A null has no type of its own.
    private const string Known = "CAST(@GrainStateVersion AS integer)";

    private const string Row = "DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation";

    private const string Read =
        "SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.MetadataJson, m.StartTime, m.IAmAliveTime, v.Version "
        + "FROM OrleansMembershipVersionTable v LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId";

    // A write counts only if the version is still the one that its writer read: one statement, so both rows change or neither.
    private const string Bump = "UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = now() WHERE DeploymentId = @DeploymentId AND Version = @Version";

    private static readonly Dictionary<string, string> s_membership = new()
    {
        ["InsertMembershipVersionKey"] =
            "WITH made AS (INSERT INTO OrleansMembershipVersionTable(DeploymentId) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*)::int FROM made",
        ["InsertMembershipKey"] =
            $"WITH bumped AS ({Bump} AND NOT EXISTS (SELECT 1 FROM OrleansMembershipTable WHERE {Row}) RETURNING 1), "
            + "made AS (INSERT INTO OrleansMembershipTable(DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime) "
            + "SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM bumped RETURNING 1) SELECT count(*)::int FROM made",
        ["UpdateMembershipKey"] =
            $"WITH bumped AS ({Bump} AND EXISTS (SELECT 1 FROM OrleansMembershipTable WHERE {Row}) RETURNING 1), "
            + $"made AS (UPDATE OrleansMembershipTable SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime WHERE {Row} AND EXISTS (SELECT 1 FROM bumped) RETURNING 1) "
            + "SELECT count(*)::int FROM made",
        ["UpdateIAmAlivetimeKey"] = $"UPDATE OrleansMembershipTable SET IAmAliveTime = @IAmAliveTime WHERE {Row}",
        ["MembershipReadRowKey"] = Read + " AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation WHERE v.DeploymentId = @DeploymentId",
        ["MembershipReadAllKey"] = Read + " WHERE v.DeploymentId = @DeploymentId",
        ["DeleteMembershipTableEntriesKey"] =
            "DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId; DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId",
        ["GatewaysQueryKey"] = "SELECT Address, ProxyPort, Generation FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0",
        ["CleanupDefunctSiloEntriesKey"] = "DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3",
    };

    // A write or a clearing that finds another version answers the version that it was given: Orleans takes that for a conflict.
    private static readonly Dictionary<string, string> s_storage = new()
    {
        ["ReadFromStorageKey"] = $"SELECT PayloadBinary, Version FROM OrleansStorage WHERE {State} AND PayloadBinary IS NOT NULL",
        ["WriteToStorageKey"] =
            $"WITH updated AS (UPDATE OrleansStorage SET PayloadBinary = @PayloadBinary, ModifiedOn = now(), Version = Version + 1 "
            + $"WHERE {State} AND (Version = {Known} OR ({Known} IS NULL AND PayloadBinary IS NULL)) RETURNING Version), "
            + "inserted AS (INSERT INTO OrleansStorage(GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, PayloadBinary, Version) "
            + "SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, CAST(@GrainIdExtensionString AS varchar), @ServiceId, @PayloadBinary, 1 "
            + $"WHERE {Known} IS NULL AND NOT EXISTS (SELECT 1 FROM OrleansStorage WHERE {State}) ON CONFLICT DO NOTHING RETURNING Version) "
            + $"SELECT coalesce((SELECT Version FROM updated), (SELECT Version FROM inserted), {Known}) AS NewGrainStateVersion",
        ["ClearStorageKey"] =
            $"WITH cleared AS (UPDATE OrleansStorage SET PayloadBinary = NULL, ModifiedOn = now(), Version = Version + 1 WHERE {State} AND Version = {Known} RETURNING Version) "
            + $"SELECT coalesce((SELECT Version FROM cleared), {Known}) AS NewGrainStateVersion",
    };

    /// <param name="connectionString">PostgreSQL, as Npgsql reads it.</param>
    /// <exception cref="StoreUnavailableException">The server cannot be reached, or refuses.</exception>
    public static void Ensure(string connectionString)
    {
        try
        {
            using var connection = new NpgsqlConnection(connectionString);
            connection.Open();
            using var transaction = connection.BeginTransaction();
            // Processes of a new cluster start together.
            Run(connection, "SELECT pg_advisory_xact_lock(1128879193)");
            Run(connection, QueryTable);
            if (!Exists(connection, "orleansmembershiptable")) Make(connection, MembershipTables, s_membership);
            if (!Exists(connection, "orleansstorage")) Make(connection, StorageTable, s_storage);
            transaction.Commit();
        }
        catch (NpgsqlException error)
        {
            throw new StoreUnavailableException($"The cluster's database cannot be used ({error.Message}). Start PostgreSQL, or correct Cluster:ConnectionString.", error);
        }
    }

    private static bool Exists(NpgsqlConnection connection, string table)
    {
        using var look = new NpgsqlCommand($"SELECT to_regclass('{table}') IS NOT NULL", connection);
        return (bool)look.ExecuteScalar()!;
    }

    private static void Make(NpgsqlConnection connection, string tables, Dictionary<string, string> queries)
    {
        Run(connection, tables);
        foreach (var (key, text) in queries)
        {
            using var insert = new NpgsqlCommand("INSERT INTO OrleansQuery(QueryKey, QueryText) VALUES (@key, @text)", connection);
            insert.Parameters.AddWithValue("key", key);
            insert.Parameters.AddWithValue("text", text);
            insert.ExecuteNonQuery();
        }
    }

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
