using System.Globalization;

namespace SmartCity.Silo.Tests;

/// <summary>The wall clock of a host in another process, which libfaketime moves at any moment; what counts from the start of the machine (timers, time-outs) goes on as it did.</summary>
public sealed class FakeClock : IDisposable
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-clock-").FullName;
    private readonly string _file;

    public FakeClock()
    {
        if (!File.Exists(Library)) throw new InvalidOperationException($"{Library} is not there; test.sh installs it (Debian: apt-get install libfaketime).");
        _file = Path.Combine(_folder, "offset");
        Set(TimeSpan.Zero);
    }

    /// <summary>How far the host's clock is ahead of the true one.</summary>
    public TimeSpan Offset { get; private set; }

    /// <summary>Variables with which the host is to be started.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library,
        ["FAKETIME_TIMESTAMP_FILE"] = _file,
        ["FAKETIME_NO_CACHE"] = "1",
        ["DONT_FAKE_MONOTONIC"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
    };

    /// <summary>The clock jumps.</summary>
    public void Set(TimeSpan offset)
    {
        Offset = offset;
        // The host reads the file at any moment, so it must never be half written.
        File.WriteAllText(_file + ".new", string.Create(CultureInfo.InvariantCulture, $"{(offset < TimeSpan.Zero ? '-' : '+')}{Math.Abs((long)offset.TotalSeconds)}\n"));
        File.Move(_file + ".new", _file, overwrite: true);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
