using System.Buffers;
using System.Globalization;
using System.Text;

namespace SmartCity.Mqtt.Fuzz;

/// <summary>The parser under test, with its packets as the lines of <see cref="ReferenceReader"/>, and written again by our own writers.</summary>
internal static class ProductionReader
{
    /// <summary>Reads all packets; the line "!" ends what is refused.</summary>
    /// <param name="again">Each packet as our writers write it; empty for what has no writer.</param>
    public static List<string> ReadAll(in ReadOnlySequence<byte> input, MqttProtocolVersion version, int maxPacketSize, List<byte[]>? again, out long consumed)
    {
        var lines = new List<string>();
        var frames = new FrameReader(input, maxPacketSize, version);
        consumed = 0;
        try
        {
            while (true)
            {
                var status = frames.TryRead(out var header, out var body, out _);
                if (status == MqttParseStatus.NeedMore) return lines;
                var buffer = again is null ? null : new ArrayBufferWriter<byte>();
                var line = status == MqttParseStatus.Packet ? Read(header, body, version, buffer) : null;
                lines.Add(line ?? "!");
                if (line is null) return lines;
                again?.Add(buffer!.WrittenSpan.ToArray());
                consumed = input.Slice(0, frames.Consumed).Length;
            }
        }
        finally
        {
            frames.Dispose();
        }
    }

    private static string? Read(byte header, ReadOnlySpan<byte> body, MqttProtocolVersion version, ArrayBufferWriter<byte>? again)
    {
        var flags = (byte)(header & 15);
        switch ((MqttPacketType)(header >> 4))
        {
            case MqttPacketType.Connect:
                if (!ConnectPacket.TryParse(flags, body, out _, out var connect, out _)) return null;
                if (again is not null) connect!.Write(again);
                return Line(connect!);
            case MqttPacketType.Publish:
                if (!PublishPacket.TryParse(flags, body, version, out var publish, out _)) return null;
                if (again is not null) PublishPacket.Write(again, version, publish.Topic, publish.Properties, publish.Payload, publish.QoS, publish.Retain, publish.Duplicate, publish.PacketId);
                return $"PUBLISH {(int)publish.QoS} dup={publish.Duplicate} retain={publish.Retain} id={publish.PacketId} {Encoding.UTF8.GetString(publish.Topic)} [{Line(MqttProperties.FromValidated(publish.Properties, PropertyScopes.Publish))}] {Convert.ToHexString(publish.Payload)}";
            case MqttPacketType.PubAck:
                if (!PubAckPacket.TryParse(flags, body, version, out var pubAck, out _)) return null;
                if (again is not null) pubAck.Write(again, version);
                return $"PUBACK {pubAck.PacketId} {(byte)pubAck.ReasonCode}";
            case MqttPacketType.PubRec:
                if (!PubRecPacket.TryParse(flags, body, version, out var pubRec, out _)) return null;
                if (again is not null) pubRec.Write(again, version);
                return $"PUBREC {pubRec.PacketId} {(byte)pubRec.ReasonCode}";
            case MqttPacketType.PubRel:
                if (!PubRelPacket.TryParse(flags, body, version, out var pubRel, out _)) return null;
                if (again is not null) pubRel.Write(again, version);
                return $"PUBREL {pubRel.PacketId} {(byte)pubRel.ReasonCode}";
            case MqttPacketType.PubComp:
                if (!PubCompPacket.TryParse(flags, body, version, out var pubComp, out _)) return null;
                if (again is not null) pubComp.Write(again, version);
                return $"PUBCOMP {pubComp.PacketId} {(byte)pubComp.ReasonCode}";
            case MqttPacketType.Subscribe:
                if (!SubscribePacket.TryParse(flags, body, version, out var subscribe, out _)) return null;
                if (again is not null) subscribe!.Write(again, version);
                return Line(subscribe!);
            case MqttPacketType.Unsubscribe:
                if (!UnsubscribePacket.TryParse(flags, body, version, out var unsubscribe, out _)) return null;
                if (again is not null) unsubscribe!.Write(again, version);
                return $"UNSUBSCRIBE {unsubscribe!.PacketId} [{Line(unsubscribe.Properties)}] {string.Join(' ', unsubscribe.Filters)}";
            case MqttPacketType.PingReq:
                if (!PingReqPacket.TryParse(flags, body, out _)) return null;
                if (again is not null) PingReqPacket.Write(again);
                return "PINGREQ";
            case MqttPacketType.Disconnect:
                if (!DisconnectPacket.TryParse(flags, body, version, out var disconnect, out _)) return null;
                if (again is not null) disconnect!.Write(again, version);
                return $"DISCONNECT {(byte)disconnect!.ReasonCode} [{Line(disconnect.Properties)}]";
            case MqttPacketType.Auth when version == MqttProtocolVersion.V500:
                if (!AuthPacket.TryParse(flags, body, out var auth, out _)) return null;
                if (again is not null) auth!.Write(again);
                return $"AUTH {(byte)auth!.ReasonCode} [{Line(auth.Properties)}]";
            default:
                ReadServersPacket(header, body, version);
                return null;
        }
    }

    /// <summary>What only a server sends: a client of ours must survive it too.</summary>
    private static void ReadServersPacket(byte header, ReadOnlySpan<byte> body, MqttProtocolVersion version)
    {
        var flags = (byte)(header & 15);
        _ = (MqttPacketType)(header >> 4) switch
        {
            MqttPacketType.ConnAck => ConnAckPacket.TryParse(flags, body, version, out _, out _),
            MqttPacketType.SubAck => SubAckPacket.TryParse(flags, body, version, out _, out _),
            MqttPacketType.UnsubAck => UnsubAckPacket.TryParse(flags, body, version, out _, out _),
            MqttPacketType.PingResp => PingRespPacket.TryParse(flags, body, out _),
            _ => false,
        };
    }

    private static string Line(ConnectPacket connect)
    {
        var line = new StringBuilder($"CONNECT {(byte)connect.Version} clean={(connect.CleanStart ? 1 : 0)} keepalive={connect.KeepAlive}");
        if (connect.Version == MqttProtocolVersion.V500) line.Append(CultureInfo.InvariantCulture, $" [{Line(connect.Properties)}]");
        line.Append(CultureInfo.InvariantCulture, $" id={connect.ClientId}");
        if (connect.Will is { } will) line.Append(CultureInfo.InvariantCulture, $" will={will.Topic} {(int)will.QoS} {will.Retain} [{Line(will.Properties)}] {Convert.ToHexString(will.Payload)}");
        if (connect.UserName is not null) line.Append(CultureInfo.InvariantCulture, $" user={connect.UserName}");
        if (connect.Password is not null) line.Append(CultureInfo.InvariantCulture, $" password={Convert.ToHexString(connect.Password)}");
        return line.ToString();
    }

    private static string Line(SubscribePacket subscribe)
    {
        var line = new StringBuilder($"SUBSCRIBE {subscribe.PacketId} [{Line(subscribe.Properties)}]");
        foreach (var s in subscribe.Subscriptions)
        {
            line.Append(CultureInfo.InvariantCulture, $" {s.Filter}:{(int)s.QoS | (s.NoLocal ? 4 : 0) | (s.RetainAsPublished ? 8 : 0) | (s.RetainHandling << 4)}");
        }

        return line.ToString();
    }

    /// <summary>Properties in the order of their identifiers.</summary>
    private static string Line(MqttProperties? p)
    {
        if (p is null) return "";
        var found = new List<string>();
        void Add(byte id, object? value)
        {
            if (value is not null) found.Add(string.Create(CultureInfo.InvariantCulture, $"{id:x2}:{value}"));
        }

        static object? Flag(bool? value) => value is { } flag ? (flag ? 1 : 0) : null;
        static object? Hex(byte[]? value) => value is null ? null : Convert.ToHexString(value);
        Add(0x01, Flag(p.PayloadFormatIndicator));
        Add(0x02, p.MessageExpiryInterval);
        Add(0x03, p.ContentType);
        Add(0x08, p.ResponseTopic);
        Add(0x09, Hex(p.CorrelationData));
        foreach (var id in p.SubscriptionIdentifiers ?? []) Add(0x0B, id);
        Add(0x11, p.SessionExpiryInterval);
        Add(0x15, p.AuthenticationMethod);
        Add(0x16, Hex(p.AuthenticationData));
        Add(0x17, Flag(p.RequestProblemInformation));
        Add(0x18, p.WillDelayInterval);
        Add(0x19, Flag(p.RequestResponseInformation));
        Add(0x1C, p.ServerReference);
        Add(0x1F, p.ReasonString);
        Add(0x21, p.ReceiveMaximum);
        Add(0x22, p.TopicAliasMaximum);
        Add(0x23, p.TopicAlias);
        foreach (var (name, value) in p.UserProperties ?? []) Add(0x26, name + "=" + value);
        Add(0x27, p.MaximumPacketSize);
        return string.Join(";", found);
    }
}
