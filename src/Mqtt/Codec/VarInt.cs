namespace SmartCity.Mqtt;

/// <summary>Variable byte integers (MQTT 5.0 §1.5.5).</summary>
internal static class VarInt
{
    /// <summary>The largest value: 28 bits.</summary>
    public const uint Max = 268_435_455;

    public static MqttParseStatus TryRead(ReadOnlySpan<byte> source, out uint value, out int length)
    {
        value = 0;
        for (length = 0; length < 4;)
        {
            if (length >= source.Length) return MqttParseStatus.NeedMore;
            var b = source[length];
            value |= (uint)(b & 0x7F) << (7 * length);
            length++;
            if ((b & 0x80) == 0) return MqttParseStatus.Packet;
        }

        return MqttParseStatus.Violation;
    }

    public static int Size(uint value) => value switch
    {
        < 128 => 1,
        < 16_384 => 2,
        < 2_097_152 => 3,
        _ => 4,
    };

    public static int Write(Span<byte> target, uint value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Max);
        var i = 0;
        while (value >= 0x80)
        {
            target[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[i++] = (byte)value;
        return i;
    }
}
