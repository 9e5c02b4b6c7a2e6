using System.Text;

namespace SmartCity.Mqtt.Fuzz;

/// <summary>Reads the data types of MQTT 5.0 §1.5, one byte after the other; written from the specification, for being obviously right.</summary>
internal sealed class Cursor(byte[] bytes)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private int _at;

    public bool IsAtEnd => _at == bytes.Length;

    public byte One() => _at < bytes.Length ? bytes[_at++] : throw new MalformedException("too short");

    public int Two() => (One() * 256) + One();

    public uint Four() => (uint)((Two() * 65536L) + Two());

    public uint Variable()
    {
        uint value = 0, factor = 1;
        for (var length = 1; length <= 4; length++)
        {
            var b = One();
            value += (uint)(b % 128) * factor;
            factor *= 128;
            if (b >= 128) continue;
            if (length > 1 && b == 0) throw new MalformedException("not the shortest form");
            return value;
        }

        throw new MalformedException("a variable byte integer of more than four bytes");
    }

    public byte[] Many(int count)
    {
        var taken = new byte[count <= bytes.Length - _at ? count : throw new MalformedException("too short")];
        for (var i = 0; i < count; i++) taken[i] = One();
        return taken;
    }

    public byte[] Binary() => Many(Two());

    public byte[] Rest() => Many(bytes.Length - _at);

    public string Text()
    {
        try
        {
            var text = s_strict.GetString(Binary());
            return text.Contains('\0', StringComparison.Ordinal) ? throw new MalformedException("U+0000") : text;
        }
        catch (DecoderFallbackException)
        {
            throw new MalformedException("no UTF-8");
        }
    }
}
