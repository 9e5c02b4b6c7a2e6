using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>
/// Cuts a byte sequence into packets (MQTT 5.0 §2.1: one byte of type and flags, the remaining length, the body).
/// Knows no I/O. A declared length over the limit is refused as soon as it can be read, before the body is buffered.
/// </summary>
/// <remarks>A packet inside one segment is a slice of it. One that straddles segments is copied to a pooled buffer, which
/// <see cref="Dispose"/> returns; so a body is valid only until the next <see cref="TryRead"/> or <see cref="Dispose"/>.</remarks>
public ref struct FrameReader
{
    private readonly int _maxPacketSize;
    private readonly bool _shortestLength;
    private ReadOnlySequence<byte> _sequence;
    private ReadOnlySpan<byte> _span;
    private int _offset;
    private byte[]? _pooled;

    /// <param name="sequence">Unconsumed bytes of the connection.</param>
    /// <param name="maxPacketSize">Largest whole packet, header included, in bytes.</param>
    /// <param name="version">MQTT 5.0 requires the shortest form of the remaining length; MQTT 3.1.1 does not.</param>
    public FrameReader(in ReadOnlySequence<byte> sequence, int maxPacketSize, MqttProtocolVersion version)
    {
        _shortestLength = version == MqttProtocolVersion.V500;
        _sequence = sequence;
        _span = sequence.FirstSpan;
        _maxPacketSize = maxPacketSize;
    }

    /// <summary>Position after the last whole packet.</summary>
    public readonly SequencePosition Consumed => _sequence.GetPosition(_offset);

    /// <summary>Cuts the next packet.</summary>
    /// <param name="header">First byte: packet type in the upper, flags in the lower four bits.</param>
    /// <param name="body">Everything after the remaining length.</param>
    public MqttParseStatus TryRead(out byte header, out ReadOnlySpan<byte> body, out MqttViolation? violation)
    {
        var rest = _span[_offset..];
        var status = TryReadHeader(rest, out header, out var start, out var total, out violation);
        if (status == MqttParseStatus.Violation)
        {
            body = default;
            return status;
        }

        if (status == MqttParseStatus.Packet && rest.Length >= total)
        {
            body = rest[start..total];
            _offset += total;
            return MqttParseStatus.Packet;
        }

        if (_sequence.IsSingleSegment)
        {
            body = default;
            return MqttParseStatus.NeedMore;
        }

        return TryReadAcrossSegments(out header, out body, out violation);
    }

    /// <summary>Returns the pooled buffer.</summary>
    public void Dispose()
    {
        if (_pooled is not { } pooled) return;
        _pooled = null;
        ArrayPool<byte>.Shared.Return(pooled);
    }

    private MqttParseStatus TryReadAcrossSegments(out byte header, out ReadOnlySpan<byte> body, out MqttViolation? violation)
    {
        body = default;
        var rest = _sequence.Slice(_offset);
        Span<byte> first = stackalloc byte[5];
        var available = (int)Math.Min(5, rest.Length);
        rest.Slice(0, available).CopyTo(first);
        var status = TryReadHeader(first[..available], out header, out var start, out var total, out violation);
        if (status != MqttParseStatus.Packet) return status;
        if (rest.Length < total) return MqttParseStatus.NeedMore;
        var packet = rest.Slice(0, total);
        if (packet.IsSingleSegment)
        {
            // The previous packet ended exactly where its segment did.
            body = packet.FirstSpan[start..];
        }
        else
        {
            if (_pooled is null || _pooled.Length < total)
            {
                Dispose();
                _pooled = ArrayPool<byte>.Shared.Rent(total);
            }

            packet.CopyTo(_pooled);
            body = _pooled.AsSpan(start, total - start);
        }

        _sequence = rest.Slice(total);
        _span = _sequence.FirstSpan;
        _offset = 0;
        return MqttParseStatus.Packet;
    }

    private readonly MqttParseStatus TryReadHeader(
        ReadOnlySpan<byte> source, out byte header, out int start, out int total, out MqttViolation? violation)
    {
        header = 0;
        start = 0;
        total = 0;
        violation = null;
        if (source.IsEmpty) return MqttParseStatus.NeedMore;
        header = source[0];
        if (header >> 4 == 0)
        {
            violation = MqttViolation.Malformed("Packet type 0 is reserved.", "MQTT 5.0 §2.1.2");
            return MqttParseStatus.Violation;
        }

        var status = VarInt.TryRead(source[1..], out var length, out var lengthBytes);
        if (status == MqttParseStatus.NeedMore) return status;
        if (status == MqttParseStatus.Violation || (_shortestLength && lengthBytes != VarInt.Size(length)))
        {
            violation = MqttViolation.Malformed(
                _shortestLength ? "The remaining length is not in its shortest form of at most four bytes." : "The remaining length has more than four bytes.",
                "MQTT-1.5.5-1");
            return MqttParseStatus.Violation;
        }

        start = 1 + lengthBytes;
        total = start + (int)length;
        if (total > _maxPacketSize)
        {
            violation = new(
                MqttReasonCode.PacketTooLarge,
                $"A packet of {total} bytes is larger than the {_maxPacketSize} that {nameof(MqttLimits)}.{nameof(MqttLimits.MaxPacketSize)} allows.",
                "MQTT-3.2.2-15");
            return MqttParseStatus.Violation;
        }

        return MqttParseStatus.Packet;
    }
}
