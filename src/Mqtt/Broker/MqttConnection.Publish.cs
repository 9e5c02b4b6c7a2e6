namespace SmartCity.Mqtt;

/// <content>Inbound PUBLISH: the warm path. It allocates nothing unless the message has subscribers or is retained.</content>
internal sealed partial class MqttConnection
{
    private byte[]?[]? _aliases;
    private TopicCache? _topics;

    private bool ProcessPublish(byte flags, ReadOnlySpan<byte> body, ref MqttMetrics.BatchCounts counts, out MqttViolation? violation)
    {
        if (!PublishPacket.TryParse(flags, body, _version, out var packet, out violation)) return false;
        var topic = packet.Topic;
        if (packet.TopicAlias != 0 && !ResolveAlias(packet.TopicAlias, ref topic, out violation)) return false;
        if (!IsWithinLimits(topic))
        {
            violation = new(
                MqttReasonCode.TopicNameInvalid,
                $"The topic name is longer than {_broker.Limits.MaxTopicLength} bytes or deeper than {_broker.Limits.MaxTopicDepth} levels ({nameof(MqttLimits)}).",
                "MQTT 5.0 §4.7.3");
            return false;
        }

        switch (packet.QoS)
        {
            case MqttQoS.AtMostOnce:
                counts.QoS0++;
                Accept(packet, topic);
                return true;
            case MqttQoS.AtLeastOnce:
                counts.QoS1++;
                if (!Admit(out violation)) return false;
                var result = Accept(packet, topic);
                Acknowledge(result.Ticket, packet.PacketId, MqttPacketType.PubAck, result.ReasonCode);
                return true;
            default:
                counts.QoS2++;
                return ProcessExactlyOnce(packet, topic, out violation);
        }
    }

    private bool ProcessExactlyOnce(in PublishPacket packet, ReadOnlySpan<byte> topic, out MqttViolation? violation)
    {
        violation = null;
        var unreleased = Session!.Unreleased;
        if (unreleased.TryGetValue(packet.PacketId, out var ticket))
        {
            // A resend: the message has been taken already (MQTT-4.3.3-10), and is acknowledged no earlier than the first time.
            Acknowledge(ticket, packet.PacketId, MqttPacketType.PubRec, MqttReasonCode.Success);
            return true;
        }

        // The identifiers of a 3.1.1 client are bounded here too: it is told nothing of a limit, so it may use all 65,535.
        if (!Admit(out violation)) return false;
        var result = Accept(packet, topic);
        if ((byte)result.ReasonCode < 0x80 || _version != MqttProtocolVersion.V500) unreleased.Add(packet.PacketId, result.Ticket);
        Acknowledge(result.Ticket, packet.PacketId, MqttPacketType.PubRec, result.ReasonCode);
        return true;
    }

    /// <summary>Counts a QoS 1 or 2 message against the Receive Maximum (MQTT-3.3.4-7).</summary>
    private bool Admit(out MqttViolation? violation)
    {
        violation = null;
        if (_version == MqttProtocolVersion.V500 && _acks!.Unacknowledged >= _broker.Limits.ReceiveMaximum)
        {
            violation = new(
                MqttReasonCode.ReceiveMaximumExceeded,
                $"More than the Receive Maximum of {_broker.Limits.ReceiveMaximum} messages without an acknowledgement.",
                "MQTT-3.3.4-9");
            return false;
        }

        _acks!.Began();
        return true;
    }

    private PublishResult Accept(in PublishPacket packet, ReadOnlySpan<byte> topic)
    {
        if (topic.StartsWith("$SYS/"u8))
        {
            // Only the broker speaks there (§4.7.2).
            _broker.Metrics.Drop(MqttDropReason.NotAuthorized);
            return new(0, MqttReasonCode.NotAuthorized);
        }

        if (!ReferenceEquals(_broker.Authorizer, AllowAllAuthorizer.Instance) && !_broker.Authorizer.CanPublish(Info!, topic))
        {
            _broker.Metrics.Drop(MqttDropReason.NotAuthorized);
            return new(0, MqttReasonCode.NotAuthorized);
        }

        var result = _broker.Handler.Accept(new()
        {
            Topic = topic,
            Payload = packet.Payload,
            Properties = packet.Properties,
            QoS = packet.QoS,
            Retain = packet.Retain,
            Duplicate = packet.Duplicate,
            Connection = Info!,
        });
        if ((byte)result.ReasonCode >= 0x80)
        {
            _broker.Metrics.Drop(MqttDropReason.Refused);
            return result;
        }

        if (packet.Retain || _broker.HasSubscriptions)
        {
            _congested = _broker.Route(topic, packet.Payload, packet.Properties, packet.QoS, packet.Retain, Session, _topics ??= new()) ?? _congested;
        }

        return result;
    }

    /// <summary>Acknowledges at once where that keeps the order of the messages (MQTT-4.6.0-2), else through the pump.</summary>
    private void Acknowledge(long ticket, ushort packetId, MqttPacketType type, MqttReasonCode reason)
    {
        if (ticket <= 0 && _acks!.Count == 0)
        {
            AckBody.Write(_replies, type, _version, packetId, reason);
            if (type == MqttPacketType.PubAck || (byte)reason >= 0x80) _acks.Ended();
            _broker.Metrics.Acknowledged(1);
            return;
        }

        // What was acknowledged directly goes out before the pump can see this one.
        if (_replies.Length > 0) SendReplies();
        _acks!.Add(ticket, packetId, type, reason);
    }

    /// <summary>Topic aliases (§3.3.2.3.4): a topic with an alias defines it, an empty topic uses it.</summary>
    private bool ResolveAlias(ushort alias, ref ReadOnlySpan<byte> topic, out MqttViolation? violation)
    {
        violation = null;
        var maximum = _broker.Limits.TopicAliasMaximum;
        if (alias > maximum)
        {
            violation = new(MqttReasonCode.TopicAliasInvalid, $"Topic alias {alias} is above the maximum of {maximum}.", "MQTT-3.3.2-9");
            return false;
        }

        _aliases ??= new byte[maximum + 1][];
        if (topic.IsEmpty)
        {
            topic = _aliases[alias];
            if (!topic.IsEmpty) return true;
            violation = MqttViolation.Protocol($"Topic alias {alias} is not defined.", "MQTT 5.0 §3.3.2.3.4");
            return false;
        }

        if (!topic.SequenceEqual(_aliases[alias])) _aliases[alias] = topic.ToArray();
        return true;
    }

    private bool IsWithinLimits(ReadOnlySpan<byte> topic) =>
        topic.Length <= _broker.Limits.MaxTopicLength && MqttTopic.Depth(topic) <= _broker.Limits.MaxTopicDepth;
}
