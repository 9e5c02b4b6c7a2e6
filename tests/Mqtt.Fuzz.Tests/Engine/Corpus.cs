using System.Text;

namespace SmartCity.Mqtt.Fuzz;

/// <summary>What mutation starts from: whole packets as hex, one a line, in a file for each version; lines that begin with # are comments.</summary>
internal static class Corpus
{
    /// <summary>Sound and hostile packets of a version.</summary>
    public static byte[][] Load(MqttProtocolVersion version) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", Name(version))).Where(l => l.Length > 0 && l[0] != '#').Select(Convert.FromHexString)];

    /// <summary>Writes the files anew: what our writers make of each packet, and the hostile ones.</summary>
    public static void Write(string folder)
    {
        foreach (var version in new[] { MqttProtocolVersion.V311, MqttProtocolVersion.V500 })
        {
            var lines = new List<string> { $"# MQTT {version}: packets of our writers" };
            lines.AddRange(Sound(version).Select(Convert.ToHexString));
            lines.Add("# hostile by hand");
            lines.AddRange(Hostile().Select(Convert.ToHexString));
            File.WriteAllLines(Path.Combine(folder, Name(version)), lines);
        }
    }

    private static string Name(MqttProtocolVersion version) => version == MqttProtocolVersion.V500 ? "v5.hex" : "v311.hex";

    private static List<byte[]> Sound(MqttProtocolVersion version)
    {
        var v5 = version == MqttProtocolVersion.V500;
        var packets = new List<byte[]>();
        void Add(Action<System.Buffers.IBufferWriter<byte>> write)
        {
            var buffer = new System.Buffers.ArrayBufferWriter<byte>();
            write(buffer);
            packets.Add(buffer.WrittenSpan.ToArray());
        }

        MqttProperties? Only(MqttProperties properties) => v5 ? properties : null;
        Add(w => new ConnectPacket { Version = version, ClientId = "c" }.Write(w));
        Add(w => new ConnectPacket
        {
            Version = version,
            ClientId = "thiết-bị-1",
            CleanStart = false,
            KeepAlive = 30,
            UserName = "u",
            Password = [1, 2, 3],
            Will = new("w/1", [9, 8], MqttQoS.ExactlyOnce, true) { Properties = Only(new() { WillDelayInterval = 5, ContentType = "text/plain", UserProperties = [new("a", "b")] }) },
            Properties = Only(new() { SessionExpiryInterval = 60, ReceiveMaximum = 10, MaximumPacketSize = 1000, TopicAliasMaximum = 5, RequestProblemInformation = true, RequestResponseInformation = false, UserProperties = [new("k", "v"), new("k", "w")] }),
        }.Write(w));
        foreach (var qos in new[] { MqttQoS.AtMostOnce, MqttQoS.AtLeastOnce, MqttQoS.ExactlyOnce })
        {
            var properties = v5 && qos > 0 ? PropertySection.Encode(new() { TopicAlias = 3, MessageExpiryInterval = 9, PayloadFormatIndicator = true, ResponseTopic = "r/1", CorrelationData = [1], UserProperties = [new("x", "y")] }) : [];
            Add(w => PublishPacket.Write(w, version, "city/bac/hn/air/d1"u8, properties, "{\"pm25\":12.3}"u8, qos, retain: qos > 0, duplicate: qos > 0, qos == 0 ? (ushort)0 : (ushort)7));
        }

        if (v5) Add(w => PublishPacket.Write(w, version, default, PropertySection.Encode(new() { TopicAlias = 3 }), "x"u8, MqttQoS.AtMostOnce, false, false, 0));
        Add(w => new PubAckPacket(7).Write(w, version));
        Add(w => new PubAckPacket(7, MqttReasonCode.QuotaExceeded).Write(w, version));
        Add(w => new PubRecPacket(7).Write(w, version));
        Add(w => new PubRelPacket(7, MqttReasonCode.PacketIdentifierNotFound).Write(w, version));
        Add(w => new PubCompPacket(7).Write(w, version));
        Add(w => new SubscribePacket(5, [new("a/+/#", MqttQoS.ExactlyOnce, v5, v5, v5 ? (byte)2 : (byte)0), new("$share/g/t", MqttQoS.AtLeastOnce)]) { Properties = Only(new() { SubscriptionIdentifiers = [300] }) }.Write(w, version));
        Add(w => new UnsubscribePacket(6, ["a/+/#", "b"]) { Properties = Only(new() { UserProperties = [new("k", "v")] }) }.Write(w, version));
        Add(PingReqPacket.Write);
        Add(w => new DisconnectPacket(v5 ? MqttReasonCode.DisconnectWithWill : MqttReasonCode.Success) { Properties = Only(new() { SessionExpiryInterval = 9, ReasonString = "bye" }) }.Write(w, version));
        if (v5) Add(w => new AuthPacket(MqttReasonCode.ContinueAuthentication) { Properties = new() { AuthenticationMethod = "m", AuthenticationData = [1] } }.Write(w));
        return packets;
    }

    private static IEnumerable<byte[]> Hostile() =>
    [
        [0x00, 0x00], // packet type 0
        [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], // a remaining length of five bytes
        [0x30, 0xFF, 0xFF, 0xFF, 0x7F], // the longest packet there is
        [0x30, 0x80, 0x00], // a length that is not in its shortest form
        [0x30, 0x02, 0x00, 0x05], // a topic longer than the packet
        [0x36, 0x05, 0x00, 0x01, 0x61, 0x00, 0x01], // QoS 3
        [0x32, 0x05, 0x00, 0x01, 0x61, 0x00, 0x00], // packet identifier 0
        [0x30, 0x03, 0x00, 0x01, 0x00], // U+0000
        [0x30, 0x05, 0x00, 0x03, 0xED, 0xA0, 0x80], // a surrogate
        [0x30, 0x03, 0x00, 0x01, 0x23], // a wildcard in a topic name
        [0x80, 0x06, 0x00, 0x01, 0x00, 0x01, 0x61, 0x00], // SUBSCRIBE with wrong flags
        [0x82, 0x02, 0x00, 0x01], // SUBSCRIBE of nothing
        [0x10, 0x0C, .. Encoding.ASCII.GetBytes("\0\u0006MQIsdp"), 3, 2, 0, 0], // MQTT 3.1
        [0xF0, 0x00],
        [0xE0, 0x01, 0x00],
        [0xC0, 0x01, 0x00],
    ];
}
