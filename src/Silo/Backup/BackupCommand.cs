using System.CommandLine;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>The commands for a whole data folder: <c>backup</c>, <c>restore</c> and <c>compact</c>.</summary>
internal static class BackupCommand
{
    private const string BackupText = """
        Copies everything that is kept into a new folder, also while the server runs. What was acknowledged before the command began is in the copy.

        Examples:
          backup /backups/2026-11-26
          backup /backups/2026-11-26 --data /var/lib/smartcity
        """;

    private const string RestoreText = """
        Makes a data folder out of a backup, after it has compared every file with its checksum. The folder must be empty, or not exist.

        Examples:
          restore /backups/2026-11-26 --data /var/lib/smartcity
        """;

    private const string CompactText = """
        Rewrites the database without its free space, while the server is stopped. It needs as much free disk as the database has rows. A running server gives deleted space back by
        itself; a database that an earlier version has made does so only after this command.

        Example:
          compact --data /var/lib/smartcity
        """;

    /// <returns>0, or 1 when it could not be done; the error output then says why.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var data = new Option<string>("--data", "--Data") { Description = "Folder of everything that is kept", DefaultValueFactory = _ => AccessCommand.DataFolder() };
        var target = new Argument<string>("folder") { Description = "The folder to write; it must not exist yet, or be empty" };
        var source = new Argument<string>("folder") { Description = "The folder that 'backup' has written" };
        var backup = new Command("backup", BackupText) { target, data };
        backup.SetAction(parsed => Guard(() =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(target));
            var manifest = DataBackup.Run(Path.GetFullPath(parsed.GetRequiredValue(data)), folder);
            Console.WriteLine($"Backup of {manifest.Time:yyyy-MM-dd HH:mm:ss} UTC in {folder}: {manifest.Files.Count} files, {manifest.Files.Sum(f => f.Bytes) >> 20} MiB.");
        }));
        var restore = new Command("restore", RestoreText) { source, data };
        restore.SetAction(parsed => Guard(() =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(data));
            var manifest = DataBackup.Restore(Path.GetFullPath(parsed.GetRequiredValue(source)), folder);
            Console.WriteLine($"Restored the backup of {manifest.Time:yyyy-MM-dd HH:mm:ss} UTC to {folder}. Start the server with --Data {folder}.");
        }));
        var compact = new Command("compact", CompactText) { data };
        compact.SetAction(parsed => Guard(() =>
        {
            var (before, after) = SqliteCompaction.Run(parsed.GetRequiredValue(data));
            Console.WriteLine($"The database took {before >> 20} MiB and takes {after >> 20} MiB.");
        }));
        return await new RootCommand("SmartCity") { backup, restore, compact }.Parse(args).InvokeAsync();
    }

    private static int Guard(Action action)
    {
        try
        {
            action();
            return 0;
        }
        catch (Exception error) when (error is StartupException or Contracts.StoreUnavailableException)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }
}
