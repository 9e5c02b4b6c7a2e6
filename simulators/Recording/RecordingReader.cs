using System.Buffers.Binary;
using System.IO.Compression;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>
/// Reads a recording frame by frame. A frame that was cut off or damaged is left out and counted; reading goes on at the next sound one.
/// </summary>
public sealed class RecordingReader : IDisposable
{
    private const int ScanChunk = 64 * 1024;
    private readonly FileStream _file;
    private byte[] _body = [];
    private long _offset;
    private int _at;
    private uint _left;
    private long _us;

    /// <exception cref="ArgumentException">There is no such file, or it is no recording.</exception>
    public RecordingReader(string path)
    {
        try
        {
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Cannot read the recording {path}: {e.Message}", e);
        }

        Span<byte> magic = stackalloc byte[RecordingFormat.FileMagic.Length];
        if (ReadAt(magic, 0) < magic.Length || !magic.SequenceEqual(RecordingFormat.FileMagic))
        {
            var isEmpty = _file.Length == 0;
            _file.Dispose();
            if (isEmpty) throw new ArgumentException($"{path} is empty: nothing has been recorded yet.");
            throw new ArgumentException($"{path} is not a recording: it does not begin with SMCREC01. 'record' makes one from a broker, 'import' from a CSV file.");
        }

        _offset = SoundEnd = magic.Length;
    }

    /// <summary>Where the last sound frame that was read ends.</summary>
    public long SoundEnd { get; private set; }

    /// <summary>Bytes that belong to no sound frame, so far.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>Arrival of the first and of the last message, Unix microseconds; reads the whole file. Null when there is none.</summary>
    public static (long FirstUs, long LastUs, long Messages)? Span(string path)
    {
        using var reader = new RecordingReader(path);
        long first = long.MaxValue, last = long.MinValue, count = 0;
        while (reader.Read() is { } message)
        {
            first = Math.Min(first, message.ArrivalUs);
            last = Math.Max(last, message.ArrivalUs);
            count++;
        }

        return count == 0 ? null : (first, last, count);
    }

    /// <summary>The next message, which stays valid; null at the end.</summary>
    public RecordedMessage? Read()
    {
        while (_left == 0)
        {
            if (!ReadFrame()) return null;
        }

        var step = VarInt();
        _us += (long)(step >> 1) ^ -(long)(step & 1);
        var flags = _body[_at++];
        var topic = Bytes();
        var payload = Bytes();
        _left--;
        return new(_us, topic, payload, (byte)(flags & 3), (flags & 4) != 0);
    }

    public void Dispose() => _file.Dispose();

    private bool ReadFrame()
    {
        while (true)
        {
            var length = _file.Length;
            if (length - _offset < RecordingFormat.FrameHeader + RecordingFormat.Checksum)
            {
                DamagedBytes += length - _offset;
                _offset = length;
                return false;
            }

            if (TryFrame(length)) return true;
            var next = NextMagic(_offset + 1, length);
            DamagedBytes += next - _offset;
            _offset = next;
        }
    }

    private bool TryFrame(long length)
    {
        Span<byte> header = stackalloc byte[RecordingFormat.FrameHeader];
        ReadAt(header, _offset);
        if (!header[..4].SequenceEqual(RecordingFormat.FrameMagic)) return false;
        long stored = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        long raw = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        var size = RecordingFormat.FrameHeader + stored + RecordingFormat.Checksum;

        // A damaged length must not cost memory.
        if (stored > RecordingFormat.FrameMaximum || raw > RecordingFormat.FrameMaximum || _offset + size > length) return false;
        var frame = new byte[size];
        if (ReadAt(frame, _offset) < size) return false;
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(^RecordingFormat.Checksum));
        if (checksum != Crc32C.Of(frame.AsSpan(4..^RecordingFormat.Checksum))) return false;
        _body = new byte[raw];
        using (var body = new ZLibStream(new MemoryStream(frame, RecordingFormat.FrameHeader, (int)stored), CompressionMode.Decompress)) body.ReadExactly(_body);
        _left = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        _us = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        _at = 0;
        _offset += size;
        SoundEnd = _offset;
        return true;
    }

    private long NextMagic(long from, long length)
    {
        var chunk = new byte[ScanChunk];
        while (from < length)
        {
            var read = ReadAt(chunk, from);
            if (read < RecordingFormat.FrameMagic.Length) return length;
            var found = chunk.AsSpan(0, read).IndexOf(RecordingFormat.FrameMagic);
            if (found >= 0) return from + found;

            // A magic may begin in the last three bytes.
            from += read - (RecordingFormat.FrameMagic.Length - 1);
        }

        return length;
    }

    private int ReadAt(Span<byte> into, long offset)
    {
        var total = 0;
        while (total < into.Length && RandomAccess.Read(_file.SafeFileHandle, into[total..], offset + total) is var read and > 0) total += read;
        return total;
    }

    private ReadOnlyMemory<byte> Bytes()
    {
        var length = (int)VarInt();
        var bytes = _body.AsMemory(_at, length);
        _at += length;
        return bytes;
    }

    private ulong VarInt()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = _body[_at++];
            value |= (ulong)(b & 127) << shift;
            if (b < 128) return value;
        }
    }
}
