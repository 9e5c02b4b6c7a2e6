using System.Text;
using Microsoft.Win32.SafeHandles;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>An intake log in a folder of its own that can be opened again and again.</summary>
internal sealed class LogRig : IDisposable
{
    private readonly TempFolder _folder = new();
    private IntakeLog? _log;

    public LogRig() => Options = new() { Folder = Path.Combine(_folder.Path, "intake"), SegmentBytes = 4096, MaxBytes = 1 << 30, PauseBytes = 1 << 20, Batches = 8, KeepHours = 0, ReserveBytes = 0 };

    public IntakeOptions Options { get; }

    public ListLogger<IntakeLog> Logger { get; private set; } = new();

    public FakeTimeProvider Clock { get; } = new(1_764_000_000_000);

    public string[] Files => [.. Directory.GetFiles(Options.Folder, "*.log").Order(StringComparer.Ordinal)];

    /// <summary>Closes the log that was open, as a crash would: nothing is flushed that was not durable, and opens it anew.</summary>
    public IntakeLog Open(long checkpoint = 0, Action<SafeFileHandle, ReadOnlyMemory<byte>, long>? write = null)
    {
        Close();
        Logger = new();
        _log = new(Options, Clock, new TestMeters(), Logger, new IntakeSegments(Options, write));
        _log.Open(checkpoint);
        return _log;
    }

    public void Close()
    {
        _log?.Dispose();
        _log = null;
    }

    public static string PayloadOf(long sequence) => $"{{\"n\":{sequence}}}";

    /// <summary>Appends records that say their own number, each in a commit of its own.</summary>
    /// <param name="consume">Takes each commit from the log again, as the pump does.</param>
    public static async Task AppendAsync(IntakeLog log, int count, bool consume = true)
    {
        for (var i = 0; i < count; i++)
        {
            var next = log.Durable + 1;
            var sequence = Append(log, PayloadOf(next));
            Assert.Equal(next, sequence);
            await Eventually.Within(log.WhenDurableAsync(sequence).AsTask(), $"record {sequence} to be durable");
            if (consume) log.Return(log.Take(TestContext.Current.CancellationToken));
        }
    }

    public static long Append(IntakeLog log, string payload, string topic = "city/nam/sg/air/d1") =>
        log.Append(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload));

    /// <summary>What a replay gives out, by sequence.</summary>
    public static SortedDictionary<long, string> Replay(IntakeLog log)
    {
        var records = new SortedDictionary<long, string>();
        foreach (var batch in log.Replay(TestContext.Current.CancellationToken))
        {
            AddTo(records, batch);
            log.Return(batch);
        }

        return records;
    }

    public static void AddTo(SortedDictionary<long, string> records, IntakeBatch batch)
    {
        foreach (var record in batch) records.Add(record.Sequence, Encoding.UTF8.GetString(record.Payload));
    }

    public void Dispose()
    {
        Close();
        _folder.Dispose();
    }
}
