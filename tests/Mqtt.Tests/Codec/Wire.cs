using System.Buffers;

namespace SmartCity.Mqtt.Tests;

/// <summary>Runs bytes through the frame reader in every way they can arrive.</summary>
internal static class Wire
{
    public const int Limit = 100_000;

    public delegate bool Parse<T>(byte flags, ReadOnlySpan<byte> body, out T? packet, out MqttViolation? violation);

    public static byte[] Bytes(Action<IBufferWriter<byte>> write)
    {
        var writer = new ArrayBufferWriter();
        write(writer);
        return writer.ToArray();
    }

    /// <summary>
    /// Parses whole, one byte per segment and in two segments at every place; checks that every truncation asks for more;
    /// and answers the packet of the whole.
    /// </summary>
    public static T Read<T>(byte[] bytes, MqttPacketType type, MqttProtocolVersion version, Parse<T> parse, Action<T, T>? same = null)
    {
        var whole = ReadOne(new(bytes), type, version, parse);
        void Same(T other)
        {
            if (same is null) Assert.Equivalent(whole, other, strict: true);
            else same(whole, other);
        }

        Same(ReadOne(Split(bytes, 1), type, version, parse));
        for (var at = 1; at < bytes.Length; at++) Same(ReadOne(Split(bytes, at, bytes.Length), type, version, parse));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(MqttParseStatus.NeedMore, Frame(new(bytes, 0, length), version, out _));
            Assert.Equal(MqttParseStatus.NeedMore, Frame(Split(bytes[..length], 1), version, out _));
        }

        return whole;
    }

    /// <summary>The violation that a packet is, whichever way it arrives.</summary>
    public static MqttViolation Violation<T>(byte[] bytes, MqttProtocolVersion version, Parse<T> parse)
    {
        MqttViolation? first = null;
        foreach (var sequence in new[] { new ReadOnlySequence<byte>(bytes), Split(bytes, 1) })
        {
            using var frames = new FrameReader(sequence, Limit, version);
            var status = frames.TryRead(out var header, out var body, out var violation);
            if (status == MqttParseStatus.Packet) Assert.False(parse((byte)(header & 15), body, out _, out violation), "The packet was taken.");
            else Assert.Equal(MqttParseStatus.Violation, status);
            Assert.NotNull(violation);
            if (first is not null) Assert.Equal(first, violation);
            first = violation;
        }

        return first!;
    }

    public static MqttParseStatus Frame(ReadOnlySequence<byte> sequence, MqttProtocolVersion version, out MqttViolation? violation, int limit = Limit)
    {
        using var frames = new FrameReader(sequence, limit, version);
        return frames.TryRead(out _, out _, out violation);
    }

    /// <summary>A sequence with segments of one size, or of the given lengths with the last taking the rest.</summary>
    public static ReadOnlySequence<byte> Split(byte[] bytes, int size, int next = 0)
    {
        if (bytes.Length == 0) return ReadOnlySequence<byte>.Empty;
        Segment? first = null, last = null;
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(at > 0 && next > 0 ? next : size, bytes.Length - at);
            last = new(bytes.AsMemory(at, length), last);
            first ??= last;
            at += length;
        }

        return new(first!, 0, last!, last!.Memory.Length);
    }

    private static T ReadOne<T>(ReadOnlySequence<byte> sequence, MqttPacketType type, MqttProtocolVersion version, Parse<T> parse)
    {
        using var frames = new FrameReader(sequence, Limit, version);
        Assert.Equal(MqttParseStatus.Packet, frames.TryRead(out var header, out var body, out var violation));
        Assert.Equal(type, (MqttPacketType)(header >> 4));
        Assert.True(parse((byte)(header & 15), body, out var packet, out violation), violation?.ToString());
        Assert.Equal(sequence.Length, sequence.GetOffset(frames.Consumed));
        return packet!;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is null) return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
