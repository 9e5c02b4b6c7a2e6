using System.Diagnostics;
using System.Globalization;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>A process that commits without end and says so after each commit, until it is killed.</summary>
public sealed class CrashChild : IDisposable
{
    public const int WindowsPerCommit = 20;
    private readonly Process _process;

    private CrashChild(Process process) => _process = process;

    public static CrashChild Start(string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (!Path.GetFileName(Environment.ProcessPath!).StartsWith("Storage.Tests", StringComparison.Ordinal))
            start.ArgumentList.Add(typeof(CrashChild).Assembly.Location); // the tests run under the dotnet host
        start.ArgumentList.Add("crash-child");
        start.ArgumentList.Add(folder);
        return new CrashChild(Process.Start(start)!);
    }

    /// <summary>Waits until the child's commit number <paramref name="commit"/> has returned.</summary>
    public async Task<long> CommittedAsync(long commit)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var line = await _process.StandardOutput.ReadLineAsync(timeout.Token) ?? throw new InvalidOperationException("The child ended by itself.");
            var number = long.Parse(line, CultureInfo.InvariantCulture);
            if (number >= commit) return number;
        }
    }

    public async Task KillAsync()
    {
        _process.Kill();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(timeout.Token);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    public static async Task<int> RunAsync(string folder)
    {
        await using var store = new SqliteStore(new StorageOptions { DataFolder = folder });
        await store.OpenAsync(default);
        for (var commit = 0L; ; commit++)
        {
            var change = new StoreCommit { Checkpoint = commit };
            for (var i = 0; i < WindowsPerCommit; i++)
                change.Windows.Add(Sample.Window(device: $"d{i}", startMs: Sample.T0 + (commit * 60_000), appliedThrough: commit));
            change.Accepted.Add(new("d0", Sample.T0, 1));
            await store.CommitAsync(change, default);
            Console.WriteLine(commit.ToString(CultureInfo.InvariantCulture));
        }
    }
}
