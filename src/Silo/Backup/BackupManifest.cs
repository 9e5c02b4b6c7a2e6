using System.Security.Cryptography;
using System.Text.Json;

namespace SmartCity.Silo;

/// <summary>What a backup consists of; written last, so that a folder without it is no whole backup.</summary>
internal sealed record BackupManifest(int Version, DateTimeOffset Time, long Checkpoint, IReadOnlyList<BackupManifest.Entry> Files)
{
    public const int CurrentVersion = 1;
    public const string FileName = "backup.json";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Lists a folder with sizes and checksums.</summary>
    public static BackupManifest Of(string folder, DateTimeOffset time, long checkpoint) => new(CurrentVersion, time, checkpoint,
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => new Entry(Path.GetRelativePath(folder, path).Replace('\\', '/'), new FileInfo(path).Length, HashOf(path))),
    ]);

    public void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        using var file = new FileStream(path + ".new", FileMode.Create);
        JsonSerializer.Serialize(file, this, s_json);
        file.Flush(flushToDisk: true);
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <exception cref="StartupException">It is no whole backup, or one of a newer version.</exception>
    public static BackupManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!Directory.Exists(folder)) throw new StartupException($"there is no folder '{folder}'. Name the folder that 'backup' has written.");
        if (!File.Exists(path)) throw new StartupException($"'{folder}' has no {FileName}, so it is no backup, or one that was broken off. Use another one.");
        try
        {
            using var file = File.OpenRead(path);
            var manifest = JsonSerializer.Deserialize<BackupManifest>(file, s_json) ?? throw new JsonException("it is empty");
            if (manifest.Version > CurrentVersion) throw new StartupException($"the backup in '{folder}' was written by a newer version of this program. Restore it with that version.");
            if (manifest.Files is null || !manifest.Files.All(f => IsInside(f?.Path))) throw new JsonException("it names a file outside the backup, or one without a name");
            return manifest;
        }
        catch (JsonException error)
        {
            throw new StartupException($"'{path}' is damaged ({error.Message}). Use another backup.", error);
        }
    }

    /// <summary>Compares every file with its size and checksum.</summary>
    /// <exception cref="StartupException">One is missing or damaged; the message names it.</exception>
    public void Verify(string folder)
    {
        foreach (var entry in Files)
        {
            var path = Path.Combine(folder, entry.Path);
            if (!File.Exists(path)) throw new StartupException($"the backup lacks '{entry.Path}'. Use another one.");
            if (new FileInfo(path).Length != entry.Bytes || HashOf(path) != entry.Sha256) throw new StartupException($"'{entry.Path}' in the backup is damaged. Use another one.");
        }
    }

    /// <summary>True for a path that stays below its folder, wherever that is: a list that somebody has changed must not make 'restore' write elsewhere.</summary>
    private static bool IsInside(string? path) => !string.IsNullOrEmpty(path) && !Path.IsPathRooted(path) && !path.Split('/', '\\').Any(part => part is "" or "." or "..");

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    internal sealed record Entry(string Path, long Bytes, string Sha256);
}
