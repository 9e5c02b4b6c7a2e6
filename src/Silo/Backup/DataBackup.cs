using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>
/// Copies a data folder while a server uses it, so that a start on the copy goes on as after a crash at some moment of the copying. The order matters: first the
/// store as of one moment, then the MQTT sessions, last the intake log. So the log has every record that the store or a session has seen.
/// </summary>
internal static class DataBackup
{
    private const int Attempts = 5;
    private const string Store = "city.db";
    private const string Intake = "intake";
    private const string Sessions = "mqtt";
    private const string Mappings = "mappings.json";
    private static readonly string[] s_databases = [Store, SqliteAccessStore.FileName, SqliteGrainStorage.FileName];

    /// <summary>Writes a backup of <paramref name="data"/> into the new folder <paramref name="target"/>.</summary>
    /// <exception cref="StartupException">A folder cannot be used; the message says what to do.</exception>
    public static BackupManifest Run(string data, string target)
    {
        if (!File.Exists(Path.Combine(data, Store))) throw new StartupException($"there is no {Store} in '{data}'. Name the server's folder with --Data.");
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()) throw new StartupException($"'{target}' is not empty. Name a folder that does not exist yet.");
        var time = TimeProvider.System.GetUtcNow();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(target);
                foreach (var name in s_databases.Where(name => File.Exists(Path.Combine(data, name)))) SqliteCopy.To(Path.Combine(data, name), Path.Combine(target, name));
                CopyOthers(data, target);
                CopyFolder(Path.Combine(data, Sessions), Path.Combine(target, Sessions), _ => true);
                var checkpoint = Gateway.LogPosition.SequenceThrough(SqliteCopy.MarksOf(Path.Combine(target, Store)).Checkpoint);
                CopyIntake(Path.Combine(data, Intake), Path.Combine(target, Intake), checkpoint);
                // Behind the log: it has a rule for every record that was read by one.
                if (File.Exists(Path.Combine(data, Mappings))) Copy(Path.Combine(data, Mappings), Path.Combine(target, Mappings));
                var manifest = BackupManifest.Of(target, time, checkpoint);
                manifest.Write(target);
                return manifest;
            }
            catch (FileNotFoundException) when (!Directory.Exists(target))
            {
                throw new StartupException($"'{target}' cannot be made. Choose another folder."); // below /proc, say
            }
            catch (FileNotFoundException) when (attempt < Attempts)
            {
                // The server has let go of a file meanwhile: once more, as of a later moment.
                Directory.Delete(target, recursive: true);
            }
            catch (FileNotFoundException error)
            {
                throw new StartupException($"files of '{data}' were deleted faster than they could be copied ({error.FileName}). Set Intake:KeepHours to 1 or more.", error);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new StartupException($"'{target}' cannot be written, or '{data}' not be read ({error.Message}). Free space, or choose another folder.", error);
            }
        }
    }

    /// <summary>Writes the files of a backup into the new folder <paramref name="data"/>.</summary>
    /// <exception cref="StartupException">The backup is damaged, or the folder is in use; the message says what to do. Nothing is left behind.</exception>
    public static BackupManifest Restore(string backup, string data)
    {
        var manifest = BackupManifest.Read(backup);
        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
            throw new StartupException($"'{data}' is not empty, and what is in it may be all that is left. Move it away, or name another folder with --Data.");
        manifest.Verify(backup);
        var half = data.TrimEnd(Path.DirectorySeparatorChar) + ".restoring";
        try
        {
            if (Directory.Exists(half)) Directory.Delete(half, recursive: true);
            foreach (var entry in manifest.Files) Copy(Path.Combine(backup, entry.Path), Path.Combine(half, entry.Path));
            manifest.Verify(half);
            if (Directory.Exists(data)) Directory.Delete(data);
            Directory.Move(half, data);
            return manifest;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Remove(half);
            throw new StartupException($"'{data}' cannot be written ({error.Message}). Free space, or choose another folder.", error);
        }
    }

    /// <summary>A half copy on a full disk would take the space that its owner has to free.</summary>
    private static void Remove(string half)
    {
        try
        {
            Directory.Delete(half, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What is said of the copying matters more; the next restore tries again.
        }
    }

    private static void CopyOthers(string data, string target)
    {
        foreach (var path in Directory.EnumerateFiles(data))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith(Mappings, StringComparison.Ordinal) || name.EndsWith(".lock", StringComparison.Ordinal) || s_databases.Any(d => name.StartsWith(d, StringComparison.Ordinal))) continue; // with -wal and -shm
            Copy(path, Path.Combine(target, name));
        }
    }

    private static void CopyFolder(string source, string target, Func<string, bool> isWanted)
    {
        if (!Directory.Exists(source)) return;
        Directory.CreateDirectory(target);
        foreach (var path in Directory.EnumerateFiles(source).Order(StringComparer.Ordinal).Where(isWanted).ToList()) Copy(path, Path.Combine(target, Path.GetFileName(path)));
        // A file that came meanwhile states anew what those that went had stated.
        if (Directory.EnumerateFiles(source).Where(isWanted).FirstOrDefault(path => !File.Exists(Path.Combine(target, Path.GetFileName(path)))) is { } late)
            throw new FileNotFoundException("The files have changed.", late);
    }

    private static void CopyIntake(string source, string target, long checkpoint)
    {
        if (!Directory.Exists(source)) return;
        Directory.CreateDirectory(target);
        var files = Directory.EnumerateFiles(source, "*.log").Order(StringComparer.Ordinal).ToList();
        var first = files.FindLastIndex(path => FirstSequence(path) <= checkpoint + 1);
        foreach (var path in files.Skip(Math.Max(0, first))) Copy(path, Path.Combine(target, Path.GetFileName(path)));
    }

    private static long FirstSequence(string path) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path), System.Globalization.NumberStyles.HexNumber, null, out var first) ? first : long.MaxValue;

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = File.GetUnixFileMode(source);
        using var to = new FileStream(target, options);
        from.CopyTo(to);
        to.Flush(flushToDisk: true);
    }
}
