using System.Globalization;
using Microsoft.Win32.SafeHandles;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>
/// The segment files of the intake log. A file is named after its first sequence and is filled with frames (<see cref="IntakeBatch"/>);
/// the first bytes that are no valid frame end it, but for a damaged frame that a sound one follows: that one alone is skipped. A file that was open when the process died is read, never written again.
/// </summary>
/// <param name="options">Folder and sizes.</param>
/// <param name="write">Writes bytes at an offset and makes them durable; null: to the disk.</param>
internal sealed class IntakeSegments(IntakeOptions options, Action<SafeFileHandle, ReadOnlyMemory<byte>, long>? write = null) : IDisposable
{
    /// <summary>ERROR_DISK_FULL, or ENOSPC: <see cref="Exception.HResult"/> of an exception of which .NET has no type of its own.</summary>
    public static readonly int DiskFull = OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28;

    private const string Suffix = ".log";

    private readonly Lock _lock = new();
    private readonly List<Segment> _segments = [];
    private SafeFileHandle? _active;
    private long _offset;
    private long _activeBytes;
    private long _stored; // newest record that the store has wholly

    /// <summary>Bytes on disk, the unused part of the active segment included.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _segments.Sum(s => s.Bytes);
        }
    }

    /// <summary>Bytes of files with records that the store does not have.</summary>
    public long BytesToStore
    {
        get
        {
            lock (_lock)
            {
                // From the newest on: asked with every commit, and there may be many that are only kept.
                long bytes = 0;
                for (var i = _segments.Count - 1; i >= 0 && !IsStored(i); i--) bytes += _segments[i].Bytes;
                return bytes;
            }
        }
    }

    /// <summary>Finds what is there.</summary>
    /// <returns>The newest durable sequence; 0 when there is none.</returns>
    /// <exception cref="StoreUnavailableException">The folder cannot be written.</exception>
    public long Open()
    {
        try
        {
            Directory.CreateDirectory(options.Folder);
            var probe = Path.Combine(options.Folder, ".writable");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"The intake log folder '{options.Folder}' cannot be written ({exception.Message}). Make it writable, or set Data to a folder that is.", exception);
        }

        foreach (var path in Directory.GetFiles(options.Folder, "*" + Suffix))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var first))
                _segments.Add(new(first, path, new FileInfo(path).Length));
        }

        _segments.Sort((a, b) => a.First.CompareTo(b.First));
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            long last = 0;
            var batch = new IntakeBatch();
            foreach (var read in ReadSegment(_segments[i], 0, batch)) last = read.LastSequence;
            if (last > 0) return last;

            // Nothing was ever committed to it: the process died between making the file and its first commit.
            File.Delete(_segments[i].Path);
            _segments.RemoveAt(i);
        }

        return 0;
    }

    /// <summary>Writes one frame and makes it durable. May be called again with the same bytes after it failed.</summary>
    public void Write(long firstSequence, ReadOnlyMemory<byte> frame)
    {
        if (_active is null || _offset + frame.Length > _activeBytes) Roll(firstSequence, frame.Length);
        if (write is not null) write(_active!, frame, _offset);
        else
        {
            RandomAccess.Write(_active!, frame.Span, _offset);
            NativeFile.FlushData(_active!);
        }

        _offset += frame.Length;
    }

    /// <summary>Reads every durable batch with records in (<paramref name="after"/>, <paramref name="through"/>], oldest first.</summary>
    /// <param name="into">The batch that is read into and returned each time: it holds its records until the next one is asked for.</param>
    public IEnumerable<IntakeBatch> ReadAfter(long after, long through, IntakeBatch into)
    {
        List<Segment> segments;
        lock (_lock) segments = [.. _segments];
        for (var i = 0; i < segments.Count; i++)
        {
            if (i + 1 < segments.Count && segments[i + 1].First <= after + 1) continue;
            foreach (var batch in ReadSegment(segments[i], after, into))
            {
                if (batch.FirstSequence > through) yield break;
                yield return batch;
            }
        }
    }

    /// <summary>Reads the durable batches that hold any of some records. A file is read once, and only if it has one of them.</summary>
    /// <param name="sequences">Ascending.</param>
    /// <param name="into">As in <see cref="ReadAfter"/>.</param>
    public IEnumerable<IntakeBatch> ReadHolding(IReadOnlyList<long> sequences, IntakeBatch into)
    {
        List<Segment> segments;
        lock (_lock) segments = [.. _segments];
        var at = 0;
        for (var i = 0; i < segments.Count && at < sequences.Count; i++)
        {
            var end = i + 1 < segments.Count ? segments[i + 1].First : long.MaxValue;
            while (at < sequences.Count && sequences[at] < segments[i].First) at++; // not there any more
            if (at == sequences.Count || sequences[at] >= end) continue;
            foreach (var batch in ReadSegment(segments[i], sequences[at] - 1, into))
            {
                while (at < sequences.Count && sequences[at] < batch.FirstSequence) at++; // in a damaged frame
                if (at == sequences.Count || sequences[at] >= end) break;
                if (sequences[at] > batch.LastSequence) continue;
                yield return batch;
                while (at < sequences.Count && sequences[at] <= batch.LastSequence) at++;
            }

            while (at < sequences.Count && sequences[at] < end) at++;
        }
    }

    /// <summary>The store has everything up to <paramref name="sequence"/>: files with nothing else are kept as long as the options say. The active one stays.</summary>
    public void MarkStored(long sequence, DateTimeOffset now)
    {
        lock (_lock) _stored = Math.Max(_stored, sequence);
        var deleted = false;
        while (TakeOldest(mustGo: first => KeptBytes() > options.KeepBytes || options.KeepHours == 0 || File.GetLastWriteTimeUtc(first.Path) < now.UtcDateTime.AddHours(-options.KeepHours)) is { } oldest)
        {
            File.Delete(oldest.Path);
            deleted = true;
        }

        if (deleted) NativeFile.FlushFolder(options.Folder);
    }

    /// <summary>Makes room on a full disk: deletes the oldest file that is only kept.</summary>
    /// <returns>False when there is none.</returns>
    public bool DeleteOldestKept()
    {
        if (TakeOldest(mustGo: _ => true) is not { } oldest) return false;
        File.Delete(oldest.Path);
        return true;
    }

    /// <summary>Bytes that are free where a folder is; <see cref="long.MaxValue"/> when nobody can tell.</summary>
    public static long FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }

    public void Dispose() => _active?.Dispose();

    // Under the lock: the record after the segment's last is known from the next one's name, so the active one never is.
    private bool IsStored(int i) => i + 1 < _segments.Count && _segments[i + 1].First <= _stored + 1;

    private long KeptBytes()
    {
        long bytes = 0;
        for (var i = 0; IsStored(i); i++) bytes += _segments[i].Bytes;
        return bytes;
    }

    private Segment? TakeOldest(Func<Segment, bool> mustGo)
    {
        lock (_lock)
        {
            if (!IsStored(0) || !mustGo(_segments[0])) return null;
            var oldest = _segments[0];
            _segments.RemoveAt(0);
            return oldest;
        }
    }

    private void Roll(long firstSequence, int frameBytes)
    {
        var path = Path.Combine(options.Folder, firstSequence.ToString("x16", CultureInfo.InvariantCulture) + Suffix);
        var bytes = Math.Max(options.SegmentBytes, frameBytes);
        if (FreeBytes(options.Folder) - bytes < options.ReserveBytes)
            throw new IOException($"With another file of {bytes} bytes there would be less than Intake:ReserveBytes ({options.ReserveBytes}) left on the disk of '{options.Folder}'.", DiskFull);
        // FileMode.Create: a file of that name can only be one whose first commit failed.
        var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, FileOptions.None, bytes);
        try
        {
            // The allocation alone leaves the length at zero, and every commit would then have to write a new length.
            RandomAccess.SetLength(file, bytes);
            RandomAccess.FlushToDisk(file);
            NativeFile.FlushFolder(options.Folder);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _active?.Dispose();
        _active = file;
        _activeBytes = bytes;
        _offset = 0;
        lock (_lock)
        {
            _segments.RemoveAll(s => s.First == firstSequence);
            _segments.Add(new(firstSequence, path, bytes));
        }
    }

    private static IEnumerable<IntakeBatch> ReadSegment(Segment segment, long after, IntakeBatch into)
    {
        using var file = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var size = RandomAccess.GetLength(file);
        var header = new byte[IntakeBatch.HeaderBytes];
        long offset = 0;
        while (offset + IntakeBatch.HeaderBytes <= size)
        {
            if (RandomAccess.Read(file, header, offset) < header.Length) yield break;
            var body = IntakeBatch.BodyLengthOf(header);
            if (body <= 0 || offset + IntakeBatch.HeaderBytes + body > size) yield break;
            var at = offset;
            var sound = into.TryLoad(IntakeBatch.HeaderBytes + body, memory => ReadFully(file, memory, at));
            // Behind a frame that a crash left half-written there is nothing; behind one that the disk spoilt there may be more.
            offset += IntakeBatch.HeaderBytes + body;
            if (sound && into.LastSequence > after) yield return into;
        }
    }

    private static bool ReadFully(SafeFileHandle file, Memory<byte> memory, long offset)
    {
        while (memory.Length > 0)
        {
            var n = RandomAccess.Read(file, memory.Span, offset);
            if (n == 0) return false;
            memory = memory[n..];
            offset += n;
        }

        return true;
    }

    private sealed record Segment(long First, string Path, long Bytes);
}
