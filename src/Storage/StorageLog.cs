using Microsoft.Extensions.Logging;

namespace SmartCity.Storage;

/// <summary>What this part logs; event ids 3000 to 3999.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(3000, LogLevel.Information, "Store {File} is open: replay starts behind {Checkpoint}.")]
    public static partial void Opened(ILogger logger, string file, long checkpoint);

    [LoggerMessage(3001, LogLevel.Error, "A commit to {File} failed and left nothing behind.")]
    public static partial void CommitFailed(ILogger logger, string file, Exception error);

    [LoggerMessage(3004, LogLevel.Error, "Windows could not be rolled up to 15 minutes, hours and days, or old rows not be deleted; it is tried again, and answers are merged from windows meanwhile.")]
    public static partial void RollupFailed(ILogger logger, Exception error);

    [LoggerMessage(3005, LogLevel.Error, "A row of {Table}, series {Series}, cannot be read ({Reason}); what is above it is rolled up without it.")]
    public static partial void RollupWithout(ILogger logger, string table, long series, string reason);

    [LoggerMessage(3006, LogLevel.Information, "Deleted {Rows} rows that are older than Retention:* and Raw:KeepDays say, or that InfluxDB has by now.")]
    public static partial void DeletedOld(ILogger logger, long rows);

    [LoggerMessage(3007, LogLevel.Information, "Gave {Megabytes} MiB of the store's file back to the disk.")]
    public static partial void GaveSpaceBack(ILogger logger, long megabytes);

    [LoggerMessage(3003, LogLevel.Information, "Store at {Host} is open as gateway {Gateway}: replay starts behind {Checkpoint}.")]
    public static partial void OpenedShared(ILogger logger, string host, int gateway, long checkpoint);

    [LoggerMessage(3002, LogLevel.Warning,
        "The InfluxDB outbox has reached Influx:MaxOutboxBytes ({MaxBytes} bytes): from now on the rows are read from the store again when InfluxDB is back.")]
    public static partial void OutboxFull(ILogger logger, long maxBytes);

    [LoggerMessage(3010, LogLevel.Warning, "InfluxDB at {Url} takes no writes ({Reason}); windows wait in the outbox and are sent when it is back.")]
    public static partial void InfluxUnreachable(ILogger logger, string url, string reason);

    [LoggerMessage(3011, LogLevel.Information, "InfluxDB at {Url} takes writes again; {Chunks} chunks wait.")]
    public static partial void InfluxBack(ILogger logger, string url, long chunks);

    [LoggerMessage(3012, LogLevel.Error, "InfluxDB refused {Lines} lines for good: {Reason}. The first one: {Sample}")]
    public static partial void InfluxRejected(ILogger logger, int lines, string reason, string sample);

    [LoggerMessage(3013, LogLevel.Error, "The outbox could not be read or changed; it is tried again.")]
    public static partial void OutboxFailed(ILogger logger, Exception error);

    [LoggerMessage(3015, LogLevel.Information, "This process sends what the cluster has for InfluxDB at {Url}.")]
    public static partial void OutboxSender(ILogger logger, string url);

    [LoggerMessage(3016, LogLevel.Warning, "The process {Sender}, which sent to InfluxDB, is gone. What it may have under way is waited for: {Wait}.")]
    public static partial void OutboxTakenOver(ILogger logger, string sender, TimeSpan wait);

    [LoggerMessage(3017, LogLevel.Warning, "Series cannot be read from InfluxDB ({Reason}); they come from the store, and InfluxDB is asked again after {Wait}.")]
    public static partial void HistoryUnavailable(ILogger logger, string reason, TimeSpan wait);

    [LoggerMessage(3018, LogLevel.Warning, "InfluxDB does not keep {Place} for {Duration}, as Influx:Retention says ({Reason}); writing goes on. Run: {Command}")]
    public static partial void InfluxRetentionUnchanged(ILogger logger, string place, string duration, string reason, string command);

    [LoggerMessage(3014, LogLevel.Information, "Created the database {Database} at {Url}.")]
    public static partial void InfluxDatabaseCreated(ILogger logger, string database, string url);
}
