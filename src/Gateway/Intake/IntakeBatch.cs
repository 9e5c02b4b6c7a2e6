using System.Buffers.Binary;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>
/// The records of one commit, in the form in which they lie on disk:
/// <c>magic u32 | body length u32 | CRC-32C u32 | record count u32 | first sequence u64 | body</c>, little-endian; a record is
/// <c>length u32 | arrival ms i64 | topic length u16 | topic | payload</c>. The checksum covers count, first sequence and body.
/// </summary>
internal sealed class IntakeBatch
{
    public const int HeaderBytes = 24;
    public const uint Magic = 0x314C4353; // "SCL1"
    private const int RecordHeaderBytes = 4 + 8 + 2;
    private const int ChecksumFrom = 12;
    private const int InitialBytes = 256 << 10;
    private const int KeepBytes = 8 << 20; // a burst may grow the buffer; it does not stay that large

    private byte[] _buffer = new byte[InitialBytes];

    public int Count { get; private set; }

    /// <summary>Bytes of header and records.</summary>
    public int Length { get; private set; } = HeaderBytes;

    public long FirstSequence { get; private set; }

    public long LastSequence => FirstSequence + Count - 1;

    public bool IsEmpty => Count == 0;

    public void Reset()
    {
        if (_buffer.Length > KeepBytes) _buffer = new byte[InitialBytes];
        Count = 0;
        Length = HeaderBytes;
    }

    public void Append(long sequence, long arrivalMs, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        if (Count == 0) FirstSequence = sequence;
        var size = RecordHeaderBytes + topic.Length + payload.Length;
        if (_buffer.Length - Length < size) Array.Resize(ref _buffer, (int)Math.Max(Math.Min(_buffer.Length * 2L, Array.MaxLength), Length + (long)size));
        var record = _buffer.AsSpan(Length, size);
        BinaryPrimitives.WriteInt32LittleEndian(record, size - 4);
        BinaryPrimitives.WriteInt64LittleEndian(record[4..], arrivalMs);
        BinaryPrimitives.WriteUInt16LittleEndian(record[12..], (ushort)topic.Length);
        topic.CopyTo(record[RecordHeaderBytes..]);
        payload.CopyTo(record[(RecordHeaderBytes + topic.Length)..]);
        Length += size;
        Count++;
    }

    /// <summary>Fills in the header and returns the bytes to write.</summary>
    public ReadOnlyMemory<byte> Seal()
    {
        var header = _buffer.AsSpan(0, HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Length - HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], FirstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32C.Of(_buffer.AsSpan(ChecksumFrom, Length - ChecksumFrom)));
        return _buffer.AsMemory(0, Length);
    }

    /// <summary>Body length of the frame whose header this is, or −1 when it is no frame.</summary>
    public static int BodyLengthOf(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic ? BinaryPrimitives.ReadInt32LittleEndian(header[4..]) : -1;

    /// <summary>Takes over a frame read from disk.</summary>
    /// <returns>False when the checksum is wrong: the frame was never wholly written, so nothing in it was acknowledged.</returns>
    public bool TryLoad(int length, Func<Memory<byte>, bool> fill)
    {
        if (_buffer.Length < length) _buffer = new byte[length];
        if (!fill(_buffer.AsMemory(0, length))) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(8)) != Crc32C.Of(_buffer.AsSpan(ChecksumFrom, length - ChecksumFrom))) return false;
        Length = length;
        Count = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(12));
        FirstSequence = BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan(16));
        return true;
    }

    public Enumerator GetEnumerator() => new(this);

    /// <summary>Walks the records in order.</summary>
    public ref struct Enumerator(IntakeBatch batch)
    {
        private int _offset = HeaderBytes;
        private int _index = -1;

        public IntakeRecord Current { get; private set; }

        public bool MoveNext()
        {
            if (++_index >= batch.Count) return false;
            var length = BinaryPrimitives.ReadInt32LittleEndian(batch._buffer.AsSpan(_offset));
            var record = batch._buffer.AsSpan(_offset + 4, length);
            var topicLength = BinaryPrimitives.ReadUInt16LittleEndian(record[8..]);
            Current = new()
            {
                Sequence = batch.FirstSequence + _index,
                ArrivalMs = BinaryPrimitives.ReadInt64LittleEndian(record),
                Topic = record.Slice(10, topicLength),
                Payload = record[(10 + topicLength)..],
            };
            _offset += 4 + length;
            return true;
        }
    }
}
