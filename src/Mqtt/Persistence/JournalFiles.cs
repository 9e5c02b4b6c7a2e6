using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace SmartCity.Mqtt;

/// <summary>
/// The files of the session journal: <c>{number}.sessions</c>, each a row of frames <c>magic u32 | length u32 | CRC-32C u32 | records</c>, little-endian.
/// The first bytes that are no sound frame end a file: what follows was never durable. Only <see cref="Write"/> and <see cref="Roll"/>'s thread uses it.
/// </summary>
internal sealed class JournalFiles(string folder) : IDisposable
{
    public const int HeaderBytes = 12;
    private const uint Magic = 0x314A5153; // "SQJ1"
    private const long GrowBytes = 4 << 20; // a commit within the file's length changes no metadata
    private const string Suffix = ".sessions";
    private readonly List<string> _older = [];
    private SafeFileHandle? _file;
    private string _path = "";
    private long _number;
    private long _length;

    /// <summary>Bytes written to the newest file.</summary>
    public long Offset { get; private set; }

    /// <summary>Reads all frames of all files, oldest first, and begins a new file. A frame's bytes are valid during the call only.</summary>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    public void Open(Action<ReadOnlyMemory<byte>> frame)
    {
        Directory.CreateDirectory(folder);
        var numbered = Directory.GetFiles(folder, "*" + Suffix)
            .Select(path => (Path: path, IsNumber: long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var n), Number: n))
            .Where(f => f.IsNumber).OrderBy(f => f.Number).ToList();
        foreach (var (path, _, number) in numbered)
        {
            ReadFile(path, frame);
            _older.Add(path);
            _number = number;
        }

        Begin();
    }

    /// <summary>Writes a frame, whose header is filled in here, and makes it durable. May be called again after it failed.</summary>
    public void Write(JournalBuffer frame)
    {
        var header = frame.Header(HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], frame.Length - HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32C.Of(frame.Written[HeaderBytes..]));
        if (Offset + frame.Length > _length)
        {
            var length = Offset + frame.Length + GrowBytes;
            RandomAccess.SetLength(_file!, length);
            RandomAccess.FlushToDisk(_file!);
            _length = length;
        }

        RandomAccess.Write(_file!, frame.Written, Offset);
        NativeFile.FlushData(_file!);
        Offset += frame.Length;
    }

    /// <summary>Begins a new file.</summary>
    public void Roll()
    {
        _older.Add(_path);
        Begin();
    }

    /// <summary>Deletes the files before the newest one: it holds all that is still true.</summary>
    public void DeleteOlder()
    {
        foreach (var path in _older) File.Delete(path);
        if (_older.Count > 0) NativeFile.FlushFolder(folder);
        _older.Clear();
    }

    public void Dispose() => _file?.Dispose();

    private void Begin()
    {
        var path = Path.Combine(folder, (_number + 1).ToString("x16", CultureInfo.InvariantCulture) + Suffix);
        var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            NativeFile.FlushFolder(folder);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file?.Dispose();
        _file = file;
        _path = path;
        _number++;
        (_length, Offset) = (0, 0);
    }

    private static void ReadFile(string path, Action<ReadOnlyMemory<byte>> frame)
    {
        using var file = File.OpenHandle(path);
        var size = RandomAccess.GetLength(file);
        var header = new byte[HeaderBytes];
        var body = Array.Empty<byte>();
        for (long offset = 0; offset + HeaderBytes <= size;)
        {
            ReadFully(file, header, offset);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4));
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic || length < 0 || offset + HeaderBytes + length > size) return;
            if (body.Length < length) body = new byte[length];
            ReadFully(file, body.AsMemory(0, length), offset + HeaderBytes);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) != Crc32C.Of(body.AsSpan(0, length))) return;
            frame(body.AsMemory(0, length));
            offset += HeaderBytes + length;
        }
    }

    private static void ReadFully(SafeFileHandle file, Memory<byte> memory, long offset)
    {
        while (memory.Length > 0)
        {
            var count = RandomAccess.Read(file, memory.Span, offset);
            if (count == 0) throw new EndOfStreamException("The MQTT session journal became shorter while it was read.");
            memory = memory[count..];
            offset += count;
        }
    }
}
