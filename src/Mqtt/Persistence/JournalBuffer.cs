using System.Buffers.Binary;
using System.Text;

namespace SmartCity.Mqtt;

/// <summary>Bytes of journal records, little-endian; grows, and keeps a moderate size for the next use.</summary>
internal sealed class JournalBuffer
{
    private const int KeepBytes = 4 << 20;
    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Bytes that were written already, to fill in a header.</summary>
    public Span<byte> Header(int count) => _bytes.AsSpan(0, count);

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeepBytes) _bytes = new byte[4096];
    }

    /// <summary>Begins a record of a session; 0 for none.</summary>
    public JournalBuffer Begin(JournalRecord record, long session)
    {
        Byte((byte)record);
        return session == 0 ? this : Long(session);
    }

    public JournalBuffer Byte(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    public JournalBuffer Short(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);
        return this;
    }

    public JournalBuffer Int(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        return this;
    }

    public JournalBuffer Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);
        return this;
    }

    /// <summary>Length (4) and bytes.</summary>
    public JournalBuffer Bytes(ReadOnlySpan<byte> value)
    {
        Int((uint)value.Length);
        value.CopyTo(Reserve(value.Length));
        return this;
    }

    public JournalBuffer Text(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        Int((uint)count);
        Encoding.UTF8.GetBytes(value, Reserve(count));
        return this;
    }

    /// <summary>Appends ready-made records.</summary>
    public JournalBuffer Raw(ReadOnlySpan<byte> records)
    {
        records.CopyTo(Reserve(records.Length));
        return this;
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count) Array.Resize(ref _bytes, (int)Math.Max(Math.Min(_bytes.Length * 2L, Array.MaxLength), Length + (long)count));
        var span = _bytes.AsSpan(Length, count);
        Length += count;
        return span;
    }
}
