using System.Globalization;
using System.Text;

namespace SmartCity.Mqtt.Fuzz;

/// <summary>
/// A second reader of what a client sends, written from the specification and without regard to speed. It answers every packet as a line of text that
/// names all its fields.
/// </summary>
internal static class ReferenceReader
{
    private static readonly byte[] s_publishReasons = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];

    /// <summary>§3.14.2.1, and 0x8C, which §2.4 allows in DISCONNECT and §3.14 forgets.</summary>
    private static readonly byte[] s_disconnectReasons =
    [
        0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D,
        0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
    ];

    /// <summary>Reads one packet at an offset.</summary>
    /// <returns>The line and the bytes taken; 0 bytes when more are needed.</returns>
    /// <exception cref="MalformedException">The packet is refused.</exception>
    public static (string Line, int Length) Read(byte[] input, int at, MqttProtocolVersion version, int maxPacketSize)
    {
        if (at >= input.Length) return ("", 0);
        var type = input[at] / 16;
        var flags = input[at] % 16;
        if (type == 0) throw new MalformedException("type 0");
        long length = 0;
        var lengthBytes = 0;
        while (true)
        {
            if (lengthBytes == 4) throw new MalformedException("remaining length");
            if (at + 1 + lengthBytes >= input.Length) return ("", 0);
            var b = input[at + 1 + lengthBytes];
            length += (b % 128) * (long)Math.Pow(128, lengthBytes);
            lengthBytes++;
            if (b >= 128) continue;
            if (version == MqttProtocolVersion.V500 && lengthBytes > 1 && b == 0) throw new MalformedException("remaining length not in its shortest form");
            break;
        }

        var total = 1 + lengthBytes + length;
        if (total > maxPacketSize) throw new MalformedException("too large");
        if (at + total > input.Length) return ("", 0);
        var body = new Cursor(input[(at + 1 + lengthBytes)..(int)(at + total)]);
        var line = ReadBody(type, flags, body, version == MqttProtocolVersion.V500);
        return body.IsAtEnd ? (line, (int)total) : throw new MalformedException("bytes after the end");
    }

    private static string ReadBody(int type, int flags, Cursor body, bool v5)
    {
        if (type != 3 && flags != (type is 6 or 8 or 10 ? 2 : 0)) throw new MalformedException("flags");
        return type switch
        {
            1 => Connect(body),
            3 => Publish(flags, body, v5),
            4 => Acknowledgement("PUBACK", body, v5, s_publishReasons),
            5 => Acknowledgement("PUBREC", body, v5, s_publishReasons),
            6 => Acknowledgement("PUBREL", body, v5, [0x00, 0x92]),
            7 => Acknowledgement("PUBCOMP", body, v5, [0x00, 0x92]),
            8 => Subscribe(body, v5),
            10 => Unsubscribe(body, v5),
            12 => "PINGREQ",
            14 => Reason("DISCONNECT", body, v5, s_disconnectReasons),
            15 when v5 => Reason("AUTH", body, v5, [0x00, 0x18, 0x19]),
            _ => throw new MalformedException("a packet that no client sends"),
        };
    }

    private static string Connect(Cursor body)
    {
        if (body.Text() != "MQTT") throw new MalformedException("protocol name");
        var level = body.One();
        if (level is not (4 or 5)) throw new MalformedException("protocol version");
        var v5 = level == 5;
        var flags = body.One();
        var (will, willQoS, willRetain) = ((flags & 4) != 0, (flags >> 3) & 3, (flags & 32) != 0);
        if ((flags & 1) != 0 || willQoS == 3 || (!will && (willQoS != 0 || willRetain))) throw new MalformedException("connect flags");
        if (!v5 && (flags & 64) != 0 && (flags & 128) == 0) throw new MalformedException("a password without a user name");
        var line = new StringBuilder($"CONNECT {level} clean={(flags >> 1) & 1} keepalive={body.Two()}");
        if (v5) line.Append(CultureInfo.InvariantCulture, $" [{ReferenceProperties.Read(body, "CONNECT").Text}]");
        line.Append(CultureInfo.InvariantCulture, $" id={body.Text()}");
        if (will)
        {
            var properties = v5 ? ReferenceProperties.Read(body, "W").Text : "";
            var topic = TopicName(body.Text());
            line.Append(CultureInfo.InvariantCulture, $" will={topic} {willQoS} {willRetain} [{properties}] {Convert.ToHexString(body.Binary())}");
        }

        if ((flags & 128) != 0) line.Append(CultureInfo.InvariantCulture, $" user={body.Text()}");
        if ((flags & 64) != 0) line.Append(CultureInfo.InvariantCulture, $" password={Convert.ToHexString(body.Binary())}");
        return line.ToString();
    }

    private static string Publish(int flags, Cursor body, bool v5)
    {
        var qos = (flags >> 1) & 3;
        if (qos == 3 || (qos == 0 && (flags & 8) != 0)) throw new MalformedException("PUBLISH flags");
        var topic = body.Text();
        var id = qos == 0 ? 0 : PacketId(body);
        var (text, values) = v5 ? ReferenceProperties.Read(body, "PUBLISH") : ("", Array.Empty<(byte, string)>().ToLookup(p => p.Item1, p => p.Item2));
        if (!(topic.Length == 0 && values.Contains(0x23))) TopicName(topic);
        return $"PUBLISH {qos} dup={(flags & 8) != 0} retain={(flags & 1) != 0} id={id} {topic} [{text}] {Convert.ToHexString(body.Rest())}";
    }

    private static string Acknowledgement(string name, Cursor body, bool v5, byte[] allowed)
    {
        var id = PacketId(body);
        var reason = v5 && !body.IsAtEnd ? body.One() : 0;
        if (!allowed.Contains((byte)reason)) throw new MalformedException("reason code");
        if (v5 && !body.IsAtEnd) ReferenceProperties.Read(body, name);
        return $"{name} {id} {reason}";
    }

    private static string Reason(string name, Cursor body, bool v5, byte[] allowed)
    {
        var reason = v5 && !body.IsAtEnd ? body.One() : 0;
        if (!allowed.Contains((byte)reason)) throw new MalformedException("reason code");
        return $"{name} {reason} [{(v5 && !body.IsAtEnd ? ReferenceProperties.Read(body, name).Text : "")}]";
    }

    private static string Subscribe(Cursor body, bool v5)
    {
        var line = new StringBuilder($"SUBSCRIBE {PacketId(body)} [{(v5 ? ReferenceProperties.Read(body, "SUBSCRIBE").Text : "")}]");
        do
        {
            var filter = TopicFilter(body.Text());
            var options = body.One();
            if ((options & 3) == 3 || (options & (v5 ? 0xC0 : 0xFC)) != 0 || ((options >> 4) & 3) == 3) throw new MalformedException("subscription options");
            if ((options & 4) != 0 && filter.StartsWith("$share/", StringComparison.Ordinal)) throw new MalformedException("no local on a shared subscription");
            line.Append(CultureInfo.InvariantCulture, $" {filter}:{options}");
        }
        while (!body.IsAtEnd);
        return line.ToString();
    }

    private static string Unsubscribe(Cursor body, bool v5)
    {
        var line = new StringBuilder($"UNSUBSCRIBE {PacketId(body)} [{(v5 ? ReferenceProperties.Read(body, "UNSUBSCRIBE").Text : "")}]");
        do line.Append(' ').Append(TopicFilter(body.Text()));
        while (!body.IsAtEnd);
        return line.ToString();
    }

    private static int PacketId(Cursor body) => body.Two() is > 0 and var id ? id : throw new MalformedException("packet identifier 0");

    private static string TopicName(string topic) =>
        topic.Length > 0 && !topic.Contains('+', StringComparison.Ordinal) && !topic.Contains('#', StringComparison.Ordinal) ? topic : throw new MalformedException("topic name");

    private static string TopicFilter(string filter)
    {
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i].Contains('+', StringComparison.Ordinal) && levels[i] != "+") throw new MalformedException("+ within a level");
            if (levels[i].Contains('#', StringComparison.Ordinal) && (levels[i] != "#" || i != levels.Length - 1)) throw new MalformedException("# not as the last level");
        }

        return filter.Length > 0 ? filter : throw new MalformedException("empty filter");
    }
}
