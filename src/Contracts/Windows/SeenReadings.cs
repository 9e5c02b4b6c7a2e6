using System.Buffers;

namespace SmartCity.Contracts;

/// <summary>
/// The readings a window has already taken, so that a resent one is recognised exactly: a sorted set of (offset in the window, sequence).
/// Readings mostly come in order, so adding is mostly an append.
/// </summary>
public struct SeenReadings
{
    private long[]? _keys;
    private int _count;

    public readonly int Count => _count;

    /// <summary>Adds a reading.</summary>
    /// <param name="offsetMs">Event time minus window start; milliseconds, below 2³¹.</param>
    /// <param name="sequence">The device's sequence number; its low 32 bits tell readings of the same instant apart. Null counts as −1.</param>
    /// <returns>False when the same reading is already there.</returns>
    public bool Add(long offsetMs, long? sequence)
    {
        var key = (offsetMs << 32) | (uint)(sequence ?? -1);
        var at = _count;
        if (_count > 0 && _keys![_count - 1] >= key)
        {
            at = Array.BinarySearch(_keys, 0, _count, key);
            if (at >= 0) return false;
            at = ~at;
        }

        if (_keys is null) _keys = new long[1];
        else if (_count == _keys.Length) Array.Resize(ref _keys, _count < 4 ? _count + 1 : _count + (_count >> 1));
        Array.Copy(_keys, at, _keys, at + 1, _count - at);
        _keys[at] = key;
        _count++;
        return true;
    }

    /// <summary>Whether a reading of that instant is there, whatever its sequence.</summary>
    /// <param name="offsetMs">Event time minus window start; milliseconds, below 2³¹.</param>
    public readonly bool HasInstant(long offsetMs)
    {
        if (_count == 0 || _keys![_count - 1] >> 32 < offsetMs) return false;
        var at = Array.BinarySearch(_keys, 0, _count, offsetMs << 32);
        return at >= 0 || (~at < _count && _keys[~at] >> 32 == offsetMs);
    }

    /// <summary>Encodes the set; about two to five bytes per reading.</summary>
    public readonly byte[] ToArray()
    {
        var writer = new ArrayBufferWriter<byte>(8 + (_count * 4));
        Varint.Write(writer, (ulong)_count);
        long previousOffset = 0, previousSequence = 0;
        for (var i = 0; i < _count; i++)
        {
            var offset = _keys![i] >> 32;
            long sequence = (int)_keys[i];
            Varint.WriteSigned(writer, offset - previousOffset);
            Varint.WriteSigned(writer, sequence - previousSequence);
            (previousOffset, previousSequence) = (offset, sequence);
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="ToArray"/> wrote; no bytes are an empty set.</summary>
    public static SeenReadings FromBytes(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty) return default;
        var count = (int)Varint.ReadCount(ref source, source.Length); // an entry takes two bytes or more
        var seen = new SeenReadings { _keys = new long[Math.Max(1, count)], _count = count };
        long offset = 0, sequence = 0;
        for (var i = 0; i < count; i++)
        {
            offset += Varint.ReadSigned(ref source);
            sequence += Varint.ReadSigned(ref source);
            if (offset is < 0 or > int.MaxValue || sequence is < int.MinValue or > int.MaxValue) throw new InvalidDataException("A stored set of readings has an impossible entry.");
            seen._keys[i] = (offset << 32) | (uint)sequence;
            if (i > 0 && seen._keys[i] <= seen._keys[i - 1]) throw new InvalidDataException("A stored set of readings is not in order.");
        }

        return seen;
    }
}
