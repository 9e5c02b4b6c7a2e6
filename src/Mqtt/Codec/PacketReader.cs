using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace SmartCity.Mqtt;

/// <summary>
/// A cursor over the body of one packet. The first failure sticks: later reads answer empty values, so that a packet reads as
/// straight-line code and is judged once at its end.
/// </summary>
internal ref struct PacketReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    /// <summary>The first thing that was wrong, or null.</summary>
    public MqttViolation? Violation { get; private set; }

    public readonly bool IsEmpty => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public void Fail(MqttViolation violation)
    {
        Violation ??= violation;
        _rest = default;
    }

    public byte ReadByte(string field)
    {
        if (_rest.IsEmpty)
        {
            FailShort(field);
            return 0;
        }

        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    /// <summary>Two-byte integer, big-endian (§1.5.2).</summary>
    public ushort ReadUInt16(string field)
    {
        if (_rest.Length < 2)
        {
            FailShort(field);
            return 0;
        }

        var value = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        _rest = _rest[2..];
        return value;
    }

    /// <summary>Four-byte integer, big-endian (§1.5.3).</summary>
    public uint ReadUInt32(string field)
    {
        if (_rest.Length < 4)
        {
            FailShort(field);
            return 0;
        }

        var value = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        _rest = _rest[4..];
        return value;
    }

    /// <summary>Variable byte integer (§1.5.5): seven bits a byte, least significant first, at most four bytes, in the fewest bytes.</summary>
    public uint ReadVarInt(string field)
    {
        switch (VarInt.TryRead(_rest, out var value, out var length))
        {
            case MqttParseStatus.Packet when length == VarInt.Size(value):
                _rest = _rest[length..];
                return value;
            case MqttParseStatus.NeedMore:
                FailShort(field);
                return 0;
            default:
                Fail(MqttViolation.Malformed($"{field}: not a variable byte integer in its shortest form of at most four bytes.", "MQTT-1.5.5-1"));
                return 0;
        }
    }

    /// <summary>Binary data: two bytes of length, then the bytes (§1.5.6).</summary>
    public ReadOnlySpan<byte> ReadBinary(string field)
    {
        var length = ReadUInt16(field);
        if (_rest.Length < length)
        {
            FailShort(field);
            return default;
        }

        var value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }

    /// <summary>UTF-8 encoded string (§1.5.4): well-formed, without surrogates and without U+0000.</summary>
    public ReadOnlySpan<byte> ReadUtf8(string field)
    {
        var value = ReadBinary(field);
        if (!Utf8.IsValid(value))
        {
            Fail(MqttViolation.Malformed($"{field}: not well-formed UTF-8.", "MQTT-1.5.4-1"));
            return default;
        }

        if (value.Contains((byte)0))
        {
            Fail(MqttViolation.Malformed($"{field}: contains U+0000.", "MQTT-1.5.4-2"));
            return default;
        }

        return value;
    }

    public string ReadString(string field) => Encoding.UTF8.GetString(ReadUtf8(field));

    /// <summary>A packet identifier: two bytes, never 0 (§2.2.1).</summary>
    public ushort ReadPacketId()
    {
        var id = ReadUInt16("packet identifier");
        if (id == 0) Fail(MqttViolation.Protocol("The packet identifier is 0.", "MQTT-2.2.1-3"));
        return id;
    }

    /// <summary>The property section: variable byte integer length, then that many bytes (§2.2.2.1).</summary>
    public ReadOnlySpan<byte> ReadPropertySection()
    {
        var length = ReadVarInt("property length");
        if (length > (uint)_rest.Length)
        {
            FailShort("properties");
            return default;
        }

        var value = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return value;
    }

    public ReadOnlySpan<byte> ReadRest()
    {
        var value = _rest;
        _rest = default;
        return value;
    }

    /// <summary>To call last: true when all was well and nothing is left over.</summary>
    public bool Finish(string packet)
    {
        if (Violation is null && !_rest.IsEmpty)
        {
            Fail(MqttViolation.Malformed($"{packet}: {_rest.Length} bytes after the end of the packet.", "MQTT 5.0 §4.13"));
        }

        return Violation is null;
    }

    private void FailShort(string field) =>
        Fail(MqttViolation.Malformed($"The packet ends before its {field}.", "MQTT 5.0 §4.13"));
}
