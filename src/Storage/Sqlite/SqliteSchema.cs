namespace SmartCity.Storage;

/// <summary>The tables, as a list of migrations: version n is what the first n scripts made. A script that was released is never edited.</summary>
/// <remarks>
/// Strings are stored once (<c>name</c>, <c>stream</c>) and rows carry small integers. A window's key is one integer,
/// <c>(window_start.id &lt;&lt; 32) | series.id</c>: windows that close together have neighbouring keys, so a commit appends whole pages
/// instead of touching one page per device and metric, and a device's metric is read with one seek per window start.
/// The ledger is kept by difference in the commit that changes the windows, so reading it is a simple sum.
/// </remarks>
internal static class SqliteSchema
{
    /// <summary>PRAGMA application_id of our files: "CITY".</summary>
    public const int ApplicationId = 0x43495459;

    public static int Version => Migrations.Length;

    public static readonly string[] Migrations =
    [
        """
        CREATE TABLE mark(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE name(id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);
        CREATE TABLE stream(id INTEGER PRIMARY KEY, region INTEGER NOT NULL, unit INTEGER NOT NULL, kind INTEGER NOT NULL,
          UNIQUE(region, unit, kind));
        CREATE TABLE window_start(id INTEGER PRIMARY KEY, start INTEGER NOT NULL UNIQUE);

        CREATE TABLE series(id INTEGER PRIMARY KEY, device INTEGER NOT NULL, metric INTEGER NOT NULL, stream INTEGER NOT NULL,
          UNIQUE(device, metric, stream));
        CREATE TABLE device_window(id INTEGER PRIMARY KEY, count INTEGER NOT NULL, late INTEGER NOT NULL, duplicates INTEGER NOT NULL,
          applied_through INTEGER NOT NULL, revision INTEGER NOT NULL, state BLOB NOT NULL, seen BLOB NOT NULL);

        CREATE TABLE area_series(id INTEGER PRIMARY KEY, area INTEGER NOT NULL, kind INTEGER NOT NULL, metric INTEGER NOT NULL,
          UNIQUE(area, kind, metric));
        CREATE TABLE area_window(id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, state BLOB NOT NULL);

        CREATE TABLE latest(device INTEGER NOT NULL, kind INTEGER NOT NULL, metric INTEGER NOT NULL, event INTEGER NOT NULL, value REAL,
          PRIMARY KEY(device, kind, metric)) WITHOUT ROWID;
        CREATE TABLE device(id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, registered INTEGER NOT NULL, last_seen INTEGER NOT NULL,
          latitude REAL, longitude REAL);

        -- quadkey: bits of y and x interleaved, so that the base tiles inside any larger tile are one range.
        CREATE TABLE tile(metric INTEGER NOT NULL, quadkey INTEGER NOT NULL, day INTEGER NOT NULL, plmn INTEGER NOT NULL,
          applied_through INTEGER NOT NULL, histogram BLOB NOT NULL, PRIMARY KEY(metric, quadkey, day, plmn)) WITHOUT ROWID;

        CREATE TABLE ledger(hour INTEGER NOT NULL, device INTEGER NOT NULL, accepted INTEGER NOT NULL, stored INTEGER NOT NULL,
          duplicate INTEGER NOT NULL, late INTEGER NOT NULL, PRIMARY KEY(hour, device)) WITHOUT ROWID;
        CREATE TABLE rejected(hour INTEGER NOT NULL, device INTEGER NOT NULL, reason INTEGER NOT NULL, readings INTEGER NOT NULL,
          PRIMARY KEY(hour, device, reason)) WITHOUT ROWID;

        CREATE TABLE dead_letter(position INTEGER NOT NULL, ordinal INTEGER NOT NULL, arrival INTEGER NOT NULL, topic TEXT NOT NULL,
          device TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, readings INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE UNIQUE INDEX dead_letter_key ON dead_letter(position, ordinal);
        CREATE INDEX dead_letter_device ON dead_letter(device, position, ordinal);

        CREATE TABLE outbox(id INTEGER PRIMARY KEY AUTOINCREMENT, lines INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE outbox_start(start INTEGER PRIMARY KEY);
        CREATE TABLE outbox_reject(id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, lines INTEGER NOT NULL, message TEXT NOT NULL,
          sample TEXT NOT NULL);
        """,
        """
        -- Time tiers: tier is the length in milliseconds, and keys are as those of the windows.
        CREATE TABLE rollup_start(id INTEGER PRIMARY KEY, tier INTEGER NOT NULL, start INTEGER NOT NULL, UNIQUE(tier, start));
        CREATE TABLE device_rollup(id INTEGER PRIMARY KEY, state BLOB NOT NULL);
        CREATE TABLE area_rollup(id INTEGER PRIMARY KEY, state BLOB NOT NULL);
        -- Rows below which something has changed; area is 1 for those of areas.
        CREATE TABLE rollup_dirty(tier INTEGER NOT NULL, start INTEGER NOT NULL, area INTEGER NOT NULL, series INTEGER NOT NULL,
          PRIMARY KEY(tier, start, area, series)) WITHOUT ROWID;
        """,
        """
        ALTER TABLE dead_letter ADD COLUMN replayed INTEGER;
        """,
        """
        -- The earliest and the latest timestamp of a chunk's lines; null in chunks of earlier versions: not known. Indexed, because behind the body they cost as much as to read it.
        ALTER TABLE outbox ADD COLUMN first_start INTEGER;
        ALTER TABLE outbox ADD COLUMN last_start INTEGER;
        CREATE INDEX outbox_first_start ON outbox(first_start);
        CREATE INDEX outbox_last_start ON outbox(last_start);
        """,
        """
        -- Readings as they were measured. Start: of their window, Unix seconds, not a key of window_start, because windows and readings are kept for different times.
        CREATE TABLE reading_block(start INTEGER NOT NULL, series INTEGER NOT NULL, part INTEGER NOT NULL, readings BLOB NOT NULL,
          PRIMARY KEY(start, series, part)) WITHOUT ROWID;
        """,
        """
        -- What a chunk's lines are of, as LineTarget counts; and rows of tiers whose lines did not fit into the outbox.
        ALTER TABLE outbox ADD COLUMN target INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE outbox_rollup(tier INTEGER NOT NULL, start INTEGER NOT NULL, PRIMARY KEY(tier, start)) WITHOUT ROWID;
        """,
    ];

    /// <summary>Interleaves the bits of x (even) and y (odd) of a base tile: Morton order.</summary>
    public static long QuadKey(int x, int y) => Spread(x) | (Spread(y) << 1);

    private static long Spread(int value)
    {
        var v = (ulong)(uint)value;
        v = (v | (v << 16)) & 0x0000FFFF0000FFFF;
        v = (v | (v << 8)) & 0x00FF00FF00FF00FF;
        v = (v | (v << 4)) & 0x0F0F0F0F0F0F0F0F;
        v = (v | (v << 2)) & 0x3333333333333333;
        v = (v | (v << 1)) & 0x5555555555555555;
        return (long)v;
    }

    /// <summary>The other way: x and y of a quadkey.</summary>
    public static (int X, int Y) FromQuadKey(long key) => (Gather(key), Gather(key >> 1));

    private static int Gather(long key)
    {
        var v = (ulong)key & 0x5555555555555555;
        v = (v | (v >> 1)) & 0x3333333333333333;
        v = (v | (v >> 2)) & 0x0F0F0F0F0F0F0F0F;
        v = (v | (v >> 4)) & 0x00FF00FF00FF00FF;
        v = (v | (v >> 8)) & 0x0000FFFF0000FFFF;
        v = (v | (v >> 16)) & 0x00000000FFFFFFFF;
        return (int)v;
    }
}
