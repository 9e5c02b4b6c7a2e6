using System.Buffers.Binary;
using System.Text;

namespace SmartCity.Mqtt;

/// <summary>Reads what <see cref="JournalBuffer"/> wrote. The frame's checksum was right, so a record that does not fit is a fault of ours: it throws.</summary>
internal ref struct JournalCursor(ReadOnlySpan<byte> records)
{
    private ReadOnlySpan<byte> _rest = records;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public ushort Short() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint Int() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> Bytes() => Take((int)Int());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length) throw new InvalidDataException("A record of the MQTT session journal is shorter than it says.");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
