using System.Text.Json.Nodes;

namespace SmartCity.Silo.Tests;

/// <summary>A backup taken under load is as good as the moment at which it was begun.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly KeptStream _stream = new();
    private readonly string _root = Directory.CreateTempSubdirectory("smartcity-backup-").FullName;

    private string Target => Path.Combine(_root, "backup");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("--Intake:KeepHours=48")]
    [InlineData("--Intake:KeepHours=0")] // files of the log go while they are copied
    public async Task What_was_acknowledged_before_a_backup_under_load_is_there_once_after_a_restore(string keep)
    {
        const int Count = 6000;
        await using var silo = await SiloProcess.StartAsync([.. KeptStream.Options, keep, "--Intake:SegmentBytes=65536"]);
        var publisher = new ResendingPublisher(silo.MqttPort, _stream.Messages(Count));
        var before = new HashSet<int>();
        Assert.True(await publisher.RunAsync("under-load", Count / 2, async () =>
        {
            before.UnionWith(Enumerable.Range(0, Count).Where(publisher.IsAcknowledged));
            await RunAsync(0, "backup", Target, "--data", silo.DataFolder);
        }));
        Assert.InRange(before.Count, Count / 2, Count - 1);
        await silo.KillAsync();
        Directory.Delete(silo.DataFolder, recursive: true);
        await RunAsync(0, "restore", Target, "--data", silo.DataFolder);

        await silo.StartAgainAsync();
        await _stream.AssertExactlyOnceAsync(silo, Count, before.Contains, mayHold: true);
        // The devices send everything again: what the copy has is a duplicate, and nothing new is taken for old.
        Assert.True(await new ResendingPublisher(silo.MqttPort, _stream.Messages(Count)).RunAsync("again"));
        await _stream.AssertExactlyOnceAsync(silo, Count, _ => true, mayHold: false);
        await KeptStream.AssertBalancedAsync(silo, Count);
    }

    [Fact]
    public async Task A_folder_that_is_in_use_or_no_backup_is_refused_with_what_to_do()
    {
        await using var silo = await SiloProcess.StartAsync(KeptStream.Options);
        Assert.Contains($"there is no city.db in '{_root}'. Name the server's folder with --Data.", await RunAsync(1, "backup", Target, "--data", _root), StringComparison.Ordinal);
        Assert.Contains("is not empty. Name a folder that does not exist yet.", await RunAsync(1, "backup", silo.DataFolder, "--data", silo.DataFolder), StringComparison.Ordinal);
        Assert.Contains($"there is no folder '{Target}'", await RunAsync(1, "restore", Target, "--data", Path.Combine(_root, "data")), StringComparison.Ordinal);
        Assert.Contains("has no backup.json, so it is no backup, or one that was broken off", await RunAsync(1, "restore", _root, "--data", Path.Combine(_root, "data")), StringComparison.Ordinal);
        await RunAsync(0, "backup", Target, "--data", silo.DataFolder);
        Assert.Contains($"'{silo.DataFolder}' is not empty, and what is in it may be all that is left.", await RunAsync(1, "restore", Target, "--data", silo.DataFolder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_is_compacted_while_no_server_uses_it()
    {
        await using var silo = await SiloProcess.StartAsync(KeptStream.Options);
        Assert.Contains("is in use by another process: stop that process", await RunAsync(1, "compact", "--data", silo.DataFolder), StringComparison.Ordinal);
        Assert.True(await new ResendingPublisher(silo.MqttPort, _stream.Messages(6000)).RunAsync("compacted"));
        await silo.KillAsync();
        Assert.Matches("The database took [0-9]+ MiB and takes [0-9]+ MiB.", await RunAsync(0, "compact", "--data", silo.DataFolder));
        await silo.StartAgainAsync();
        await _stream.AssertExactlyOnceAsync(silo, 6000, _ => true, mayHold: false);
        Assert.Contains("There is no '", await RunAsync(1, "compact", "--data", _root), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"path":"../outside","bytes":1,"sha256":""}""")]
    [InlineData("""{"path":"/etc/outside","bytes":1,"sha256":""}""")]
    [InlineData("""{"path":"mqtt/../../outside","bytes":1,"sha256":""}""")]
    [InlineData("""{"bytes":1,"sha256":""}""")]
    [InlineData("null")]
    public async Task A_backup_whose_list_names_files_elsewhere_is_refused(string entry)
    {
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "backup.json"), $$"""{"version":1,"time":"2026-11-26T00:00:00Z","checkpoint":0,"files":[{{entry}}]}""");
        Assert.Contains("it names a file outside the backup, or one without a name", await RunAsync(1, "restore", Target, "--data", Path.Combine(_root, "data")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_backup_is_named_and_leaves_nothing_behind()
    {
        await using (var silo = await SiloProcess.StartAsync(KeptStream.Options)) await RunAsync(0, "backup", Target, "--data", silo.DataFolder);
        var data = Path.Combine(_root, "data");
        var database = Path.Combine(Target, "city.db");
        var bytes = await File.ReadAllBytesAsync(database);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(database, bytes);
        Assert.Contains("'city.db' in the backup is damaged. Use another one.", await RunAsync(1, "restore", Target, "--data", data), StringComparison.Ordinal);
        File.Delete(database);
        Assert.Contains("the backup lacks 'city.db'. Use another one.", await RunAsync(1, "restore", Target, "--data", data), StringComparison.Ordinal);
        var manifest = Path.Combine(Target, "backup.json");
        var json = JsonNode.Parse(await File.ReadAllTextAsync(manifest))!;
        json["version"] = 99;
        await File.WriteAllTextAsync(manifest, json.ToJsonString());
        Assert.Contains("was written by a newer version of this program.", await RunAsync(1, "restore", Target, "--data", data), StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
        Assert.False(Directory.Exists(data + ".restoring"));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named_and_a_restore_that_fails_gives_its_space_back()
    {
        await using (var silo = await SiloProcess.StartAsync(KeptStream.Options))
        {
            Assert.Contains("'/proc/nothing' cannot be made. Choose another folder.", await RunAsync(1, "backup", "/proc/nothing", "--data", silo.DataFolder), StringComparison.Ordinal);
            await RunAsync(0, "backup", Target, "--data", silo.DataFolder);
        }

        var data = Path.Combine(_root, "data");
        await File.WriteAllTextAsync(data, "a file is in the way");
        Assert.Contains($"'{data}' cannot be written", await RunAsync(1, "restore", Target, "--data", data), StringComparison.Ordinal);
        Assert.False(Directory.Exists(data + ".restoring"));
    }

    /// <summary>Runs the command line; what it wrote.</summary>
    private static async Task<string> RunAsync(int code, params string[] arguments)
    {
        var (ended, output, errors) = await SiloProcess.RunToEndAsync(arguments);
        var text = string.Join('\n', [.. output, .. errors]);
        Assert.True(code == ended, $"{string.Join(' ', arguments)} ended with {ended}: {text}");
        return text;
    }
}
