using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>Appends messages to a recording. Thread-safe. Holds at most one frame in memory.</summary>
public sealed class RecordingWriter : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private readonly ArrayBufferWriter<byte> _raw = new(RecordingFormat.FrameTarget * 2);
    private long _firstUs;
    private long _lastUs;
    private readonly string _path;
    private readonly bool _isNew;
    private uint _count;
    private long _end;
    private bool _begun;

    /// <summary>
    /// Makes the file, or goes on with the one that is there, behind its last whole frame. Nothing of it changes before the first frame is written; a new file
    /// without one is gone after <see cref="Dispose"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The file is no recording, or cannot be written; the message says what to do.</exception>
    public RecordingWriter(string path)
    {
        if (Directory.Exists(path)) throw new ArgumentException($"{path} is a folder; name a file, such as {Path.Combine(path, "traffic.rec")}.");
        (_path, _isNew) = (path, !File.Exists(path));
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Cannot write the recording {path}: {e.Message}", e);
        }

        try
        {
            if (_file.Length == 0) return;
            using var reader = new RecordingReader(path);
            while (reader.Read() is not null) Existing++;
            CutOff = _file.Length - reader.SoundEnd;
            _end = reader.SoundEnd;
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Messages that the file had before.</summary>
    public long Existing { get; }

    /// <summary>Bytes behind the last whole frame, which the first frame overwrites.</summary>
    public long CutOff { get; }

    /// <summary>Messages added.</summary>
    public long Messages { get; private set; }

    /// <summary>Bytes of topics and payloads added.</summary>
    public long RawBytes { get; private set; }

    /// <summary>Bytes of the file.</summary>
    public long FileBytes => _file.Length;

    /// <summary>Adds a message. It is on disk after the next <see cref="Flush"/>.</summary>
    /// <exception cref="ArgumentException">The message is too large for a frame.</exception>
    public void Add(in RecordedMessage message)
    {
        var size = message.Topic.Length + message.Payload.Length;
        if (size > RecordingFormat.FrameMaximum - 64) throw new ArgumentException($"A message of {size} bytes is too large for a recording; {RecordingFormat.FrameMaximum - 64} are the most.");
        lock (_gate)
        {
            if (_count > 0 && _raw.WrittenCount + size + 64 > RecordingFormat.FrameTarget) WriteFrame();
            if (_count == 0) _firstUs = _lastUs = message.ArrivalUs;
            var step = message.ArrivalUs - _lastUs;
            _lastUs = message.ArrivalUs;
            VarInt((ulong)((step << 1) ^ (step >> 63)));
            _raw.GetSpan(1)[0] = (byte)(message.QoS | (message.Retain ? 4 : 0));
            _raw.Advance(1);
            VarInt((ulong)message.Topic.Length);
            _raw.Write(message.Topic.Span);
            VarInt((ulong)message.Payload.Length);
            _raw.Write(message.Payload.Span);
            _count++;
            Messages++;
            RawBytes += size;
        }
    }

    /// <summary>Brings what was added to disk.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            WriteFrame();
            _file.Flush(flushToDisk: true);
        }
    }

    public void Dispose()
    {
        try
        {
            Flush();
        }
        finally
        {
            _file.Dispose();
            if (_isNew && !_begun) File.Delete(_path);
        }
    }

    private void Begin()
    {
        if (_begun) return;
        _begun = true;
        if (_end == 0) _file.Write(RecordingFormat.FileMagic);
        else _file.SetLength(_end);
        _file.Seek(0, SeekOrigin.End);
    }

    private void WriteFrame()
    {
        if (_count == 0) return;
        Begin();
        using var frame = new MemoryStream();
        Span<byte> header = stackalloc byte[RecordingFormat.FrameHeader];
        frame.Write(header);
        using (var body = new ZLibStream(frame, CompressionLevel.Fastest, leaveOpen: true)) body.Write(_raw.WrittenSpan);
        var bytes = frame.GetBuffer().AsSpan(0, (int)frame.Length);
        RecordingFormat.FrameMagic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], (uint)(bytes.Length - RecordingFormat.FrameHeader));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], (uint)_raw.WrittenCount);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], _count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], _firstUs);
        Span<byte> checksum = stackalloc byte[RecordingFormat.Checksum];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, Crc32C.Of(bytes[4..]));
        frame.Write(checksum);
        frame.WriteTo(_file);
        _raw.ResetWrittenCount();
        _count = 0;
    }

    private void VarInt(ulong value)
    {
        var span = _raw.GetSpan(10);
        var at = 0;
        for (; value > 127; value >>= 7) span[at++] = (byte)(value | 128);
        span[at++] = (byte)value;
        _raw.Advance(at);
    }
}
