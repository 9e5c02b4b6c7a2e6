namespace SmartCity.Mqtt;

/// <content>What the server sends: to the receiver, and its acknowledgement when that is allowed.</content>
internal sealed partial class ClientConnection
{
    private byte[]?[]? _aliases;
    private MqttConnectionInfo? _info;
    private long _lastTicket;

    private MqttViolation? Receive(in PublishPacket packet, ReplyBuffer replies)
    {
        var topic = packet.Topic;
        if (packet.TopicAlias != 0 && ResolveAlias(packet.TopicAlias, ref topic) is { } violation) return violation;
        if (packet.QoS == MqttQoS.AtMostOnce)
        {
            Accept(packet, topic);
            return null;
        }

        _acks.Began();
        if (packet.QoS == MqttQoS.AtLeastOnce)
        {
            var result = Accept(packet, topic);
            Acknowledge(result.Ticket, packet.PacketId, MqttPacketType.PubAck, result.ReasonCode, replies);
            return null;
        }

        // A resend of what was taken is acknowledged again, no earlier than the first time; it is not delivered again.
        if (_session.IsTaken(packet.PacketId))
        {
            Acknowledge(_options.Receiver is null ? 0 : _lastTicket, packet.PacketId, MqttPacketType.PubRec, MqttReasonCode.Success, replies);
            return null;
        }

        var taken = Accept(packet, topic);
        if (_options.Receiver is not null && (byte)taken.ReasonCode < 0x80) _session.Taken(this, packet.PacketId);
        Acknowledge(taken.Ticket, packet.PacketId, MqttPacketType.PubRec, taken.ReasonCode, replies);
        return null;
    }

    private PublishResult Accept(in PublishPacket packet, ReadOnlySpan<byte> topic)
    {
        var publish = new InboundPublish
        {
            Topic = topic,
            Payload = packet.Payload,
            Properties = packet.Properties,
            QoS = packet.QoS,
            Retain = packet.Retain,
            Duplicate = packet.Duplicate,
            Connection = _info ??= new(_options.ClientId, _options.UserName, _context.RemoteEndPoint, _options.Version, _options.Time.GetUtcNow()),
        };
        var result = _deliveries is { } deliveries ? deliveries.Accept(publish, packet.PacketId) : _receiver.Accept(publish);
        _lastTicket = Math.Max(_lastTicket, result.Ticket);
        return result;
    }

    /// <summary>Acknowledges at once where that keeps the order of the messages (MQTT-4.6.0-2), else through the pump.</summary>
    private void Acknowledge(long ticket, ushort packetId, MqttPacketType type, MqttReasonCode reason, ReplyBuffer replies)
    {
        if (ticket <= 0 && _acks.Count == 0)
        {
            AckBody.Write(replies, type, _options.Version, packetId, reason);
            if (type == MqttPacketType.PubAck || (byte)reason >= 0x80) _acks.Ended();
            _session.CountAcknowledgements(1);
            return;
        }

        // What was acknowledged directly goes out before the pump can see this one.
        SendReplies(replies);
        _acks.Add(ticket, 0, packetId, type, reason);
    }

    private void Complete(ushort packetId, ReplyBuffer replies)
    {
        var known = _session.Release(this, packetId);
        new PubCompPacket(packetId, known ? MqttReasonCode.Success : MqttReasonCode.PacketIdentifierNotFound).Write(replies, _options.Version);
        _acks.Ended();
    }

    /// <summary>Topic aliases (§3.3.2.3.4): a topic with an alias defines it, an empty topic uses it.</summary>
    private MqttViolation? ResolveAlias(ushort alias, ref ReadOnlySpan<byte> topic)
    {
        var maximum = _options.TopicAliasMaximum;
        if (alias > maximum) return new(MqttReasonCode.TopicAliasInvalid, $"Topic alias {alias} is above the maximum of {maximum}.", "MQTT-3.3.2-9");
        _aliases ??= new byte[maximum + 1][];
        if (topic.IsEmpty)
        {
            topic = _aliases[alias];
            return topic.IsEmpty ? MqttViolation.Protocol($"Topic alias {alias} is not defined.", "MQTT 5.0 §3.3.2.3.4") : null;
        }

        if (!topic.SequenceEqual(_aliases[alias])) _aliases[alias] = topic.ToArray();
        return null;
    }
}
