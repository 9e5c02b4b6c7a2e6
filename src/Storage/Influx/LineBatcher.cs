using System.Buffers;
using System.IO.Compression;

namespace SmartCity.Storage;

/// <summary>Collects lines and cuts them into gzipped chunks of at most so many lines or uncompressed bytes.</summary>
internal sealed class LineBatcher(int maxLines, int maxBytes, LineTarget target = LineTarget.Windows)
{
    private readonly List<LineChunk> _chunks = [];
    private readonly ArrayBufferWriter<byte> _lines = new(64 * 1024);
    private int _complete; // bytes of whole lines
    private int _count;
    private long _firstStart = long.MaxValue;
    private long _lastStart = long.MinValue;

    /// <summary>Where the line under way is written.</summary>
    public ArrayBufferWriter<byte> Lines => _lines;

    /// <summary>The line under way is complete. One that does not fit with those before it begins a chunk of its own.</summary>
    /// <param name="startMs">Its timestamp.</param>
    public void EndLine(long startMs)
    {
        if (_lines.WrittenCount > maxBytes && _count > 0)
        {
            var line = _lines.WrittenSpan[_complete..].ToArray();
            Cut();
            _lines.Write(line);
        }

        _complete = _lines.WrittenCount;
        (_firstStart, _lastStart) = (Math.Min(_firstStart, startMs), Math.Max(_lastStart, startMs));
        if (++_count >= maxLines || _complete >= maxBytes) Cut();
    }

    /// <summary>Forgets the line under way.</summary>
    public void DropLine()
    {
        var keep = _lines.WrittenSpan[.._complete].ToArray();
        _lines.ResetWrittenCount();
        _lines.Write(keep);
    }

    /// <summary>The chunks, in order.</summary>
    public IReadOnlyList<LineChunk> Finish()
    {
        Cut();
        return _chunks;
    }

    public static byte[] Compress(ReadOnlySpan<byte> lines)
    {
        using var target = new MemoryStream(lines.Length / 4);
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest)) gzip.Write(lines);
        return target.ToArray();
    }

    public static byte[] Decompress(ReadOnlyMemory<byte> body)
    {
        using var gzip = new GZipStream(new MemoryStream(body.ToArray()), CompressionMode.Decompress);
        using var target = new MemoryStream(body.Length * 8);
        gzip.CopyTo(target);
        return target.ToArray();
    }

    private void Cut()
    {
        if (_count > 0) _chunks.Add(new LineChunk(_count, Compress(_lines.WrittenSpan[.._complete]), _firstStart, _lastStart, target));
        _lines.ResetWrittenCount();
        (_complete, _count, _firstStart, _lastStart) = (0, 0, long.MaxValue, long.MinValue);
    }
}
