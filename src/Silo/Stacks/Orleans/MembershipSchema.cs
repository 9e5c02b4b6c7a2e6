using Npgsql;

namespace SmartCity.Silo;

/// <summary>
/// The tables in which Orleans keeps who is in the cluster, made when they are missing. Names, columns and the keys of the queries are what
/// Microsoft.Orleans.Clustering.AdoNet asks for; the statements are ours. A database that Orleans' own script has prepared is left as it is.
/// </summary>
internal static class MembershipSchema
{
    private const string Tables = """
        CREATE TABLE OrleansQuery(QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL);
        CREATE TABLE OrleansMembershipVersionTable(DeploymentId varchar(150) PRIMARY KEY, Timestamp timestamptz(3) NOT NULL DEFAULT now(), Version integer NOT NULL DEFAULT 0);
        CREATE TABLE OrleansMembershipTable(DeploymentId varchar(150) NOT NULL REFERENCES OrleansMembershipVersionTable(DeploymentId), Address varchar(45) NOT NULL,
          Port integer NOT NULL, Generation integer NOT NULL, SiloName varchar(150) NOT NULL, HostName varchar(150) NOT NULL, Status integer NOT NULL, ProxyPort integer,
          SuspectTimes varchar(8000), MetadataJson text, StartTime timestamptz(3) NOT NULL, IAmAliveTime timestamptz(3) NOT NULL,
          PRIMARY KEY(DeploymentId, Address, Port, Generation));
        """;

    private const string Row = "DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation";

    private const string Read =
        "SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.MetadataJson, m.StartTime, m.IAmAliveTime, v.Version "
        + "FROM OrleansMembershipVersionTable v LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId";

    // A write counts only if the version is still the one that its writer read: one statement, so both rows change or neither.
    private const string Bump = "UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = now() WHERE DeploymentId = @DeploymentId AND Version = @Version";

    private static readonly Dictionary<string, string> s_queries = new()
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

    /// <exception cref="StoreUnavailableException">The server cannot be reached, or refuses.</exception>
    public static void Ensure(string connectionString)
    {
        try
        {
            using var connection = new NpgsqlConnection(connectionString);
            connection.Open();
            using var transaction = connection.BeginTransaction();
            // Processes of a new cluster start together.
            using (var wait = new NpgsqlCommand("SELECT pg_advisory_xact_lock(1128879193)", connection)) wait.ExecuteNonQuery();
            using var look = new NpgsqlCommand("SELECT to_regclass('orleansquery') IS NOT NULL AND to_regclass('orleansmembershiptable') IS NOT NULL", connection);
            if ((bool)look.ExecuteScalar()!) return;
            using (var make = new NpgsqlCommand(Tables, connection)) make.ExecuteNonQuery();
            foreach (var (key, text) in s_queries)
            {
                using var insert = new NpgsqlCommand("INSERT INTO OrleansQuery(QueryKey, QueryText) VALUES (@key, @text)", connection);
                insert.Parameters.AddWithValue("key", key);
                insert.Parameters.AddWithValue("text", text);
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }
        catch (NpgsqlException error)
        {
            throw new StoreUnavailableException($"The cluster's database cannot be used ({error.Message}). Start PostgreSQL, or correct Cluster:ConnectionString.", error);
        }
    }
}
