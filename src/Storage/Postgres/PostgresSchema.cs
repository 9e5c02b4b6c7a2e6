namespace SmartCity.Storage;

/// <summary>The tables, as a list of migrations: version n is what the first n scripts made. A script that was released is never edited.</summary>
internal static class PostgresSchema
{
    /// <summary>Advisory lock that commits and migrations hold, one at a time: "CITY".</summary>
    public const long Lock = 0x43495459;

    /// <summary>
    /// Takes that lock until the end of the transaction. A process that stands still or is cut off meanwhile would hold up all others for as long: the server
    /// ends its session after a while, and with it the transaction.
    /// </summary>
    public static readonly string TakeLock = $"SET LOCAL idle_in_transaction_session_timeout = '15s'; SELECT pg_advisory_xact_lock({Lock})";

    public const string Prepare = "CREATE SCHEMA IF NOT EXISTS smartcity; CREATE TABLE IF NOT EXISTS smartcity.version(number int NOT NULL)";

    public static readonly string[] Migrations =
    [
        """
        CREATE TABLE smartcity.gateway(number serial PRIMARY KEY, name text NOT NULL UNIQUE, checkpoint bigint NOT NULL DEFAULT -1,
          accepted_through bigint NOT NULL DEFAULT -1);
        CREATE TABLE smartcity.writer(name text PRIMARY KEY, number bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());

        CREATE TABLE smartcity.device_window(device text NOT NULL, metric text NOT NULL, start bigint NOT NULL, region text NOT NULL, unit text NOT NULL,
          kind text NOT NULL, count bigint NOT NULL, late bigint NOT NULL, duplicates bigint NOT NULL, gateway int NOT NULL, applied_through bigint NOT NULL,
          others bytea NOT NULL, revision int NOT NULL, state bytea NOT NULL, seen bytea NOT NULL,
          PRIMARY KEY(device, metric, start, region, unit, kind));
        CREATE TABLE smartcity.area_window(area text NOT NULL, kind text NOT NULL, metric text NOT NULL, start bigint NOT NULL, revision int NOT NULL,
          state bytea NOT NULL, PRIMARY KEY(area, kind, metric, start));
        CREATE TABLE smartcity.tile(metric text NOT NULL, quadkey bigint NOT NULL, day bigint NOT NULL, plmn text NOT NULL, applied_through bigint NOT NULL,
          histogram bytea NOT NULL, PRIMARY KEY(metric, quadkey, day, plmn));

        CREATE TABLE smartcity.latest(device text NOT NULL, kind text NOT NULL, metric text NOT NULL, event bigint NOT NULL, value double precision NOT NULL,
          PRIMARY KEY(device, kind, metric));
        CREATE TABLE smartcity.device(id text PRIMARY KEY, region text NOT NULL, unit text NOT NULL, kind text NOT NULL, registered bigint NOT NULL,
          last_seen bigint NOT NULL, latitude double precision NOT NULL, longitude double precision NOT NULL);

        CREATE TABLE smartcity.ledger(hour bigint NOT NULL, device text NOT NULL, accepted bigint NOT NULL, stored bigint NOT NULL, duplicate bigint NOT NULL,
          late bigint NOT NULL, PRIMARY KEY(hour, device));
        CREATE TABLE smartcity.rejected(hour bigint NOT NULL, device text NOT NULL, reason text NOT NULL, readings bigint NOT NULL,
          PRIMARY KEY(hour, device, reason));
        CREATE TABLE smartcity.dead_letter(gateway int NOT NULL, position bigint NOT NULL, ordinal int NOT NULL, arrival bigint NOT NULL, topic text NOT NULL,
          device text NOT NULL, reason text NOT NULL, detail text NOT NULL, readings int NOT NULL, payload bytea NOT NULL,
          PRIMARY KEY(gateway, position, ordinal));
        CREATE INDEX ON smartcity.dead_letter(arrival);
        CREATE INDEX ON smartcity.dead_letter(device, arrival);
        """,
        "CREATE TABLE smartcity.setting(name text PRIMARY KEY, value text NOT NULL)",
        """
        CREATE TABLE smartcity.outbox(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lines int NOT NULL, body bytea NOT NULL);
        ALTER TABLE smartcity.outbox ALTER COLUMN body SET STORAGE EXTERNAL;
        CREATE TABLE smartcity.outbox_start(start bigint PRIMARY KEY);
        CREATE TABLE smartcity.outbox_reject(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL, lines int NOT NULL, message text NOT NULL,
          sample text NOT NULL);
        -- One row: sums of the above, counted by change, and the process that may still have a request under way.
        CREATE TABLE smartcity.outbox_state(chunks bigint NOT NULL, bytes bigint NOT NULL, starts bigint NOT NULL, change bigint NOT NULL, sender text);
        INSERT INTO smartcity.outbox_state VALUES (0, 0, 0, 0, NULL);
        -- Rows come about in the order of time, so this costs next to nothing; only a refill of the outbox asks for it.
        CREATE INDEX ON smartcity.device_window USING brin(start) WITH (autosummarize = on);
        CREATE INDEX ON smartcity.area_window USING brin(start) WITH (autosummarize = on);
        """,
        "ALTER TABLE smartcity.dead_letter ADD COLUMN replayed bigint",
        """
        -- The earliest and the latest timestamp of a chunk's lines; null in chunks of earlier versions: not known.
        ALTER TABLE smartcity.outbox ADD COLUMN first_start bigint, ADD COLUMN last_start bigint;
        CREATE INDEX ON smartcity.outbox(first_start);
        CREATE INDEX ON smartcity.outbox(last_start);
        """,
    ];
}
