namespace SmartCity.Mqtt;

/// <content>Inbound PUBLISH: the warm path. It allocates nothing unless the message has subscribers or is retained.</content>
internal sealed partial class MqttConnection
{
    private byte[]?[]? _aliases;
    private TopicCache? _topics;

    private bool ProcessPublish(byte flags, ReadOnlySpan<byte> body, ref MqttMetrics.BatchCounts counts, out MqttViolation? violation)
    {
        if (!PublishPacket.TryParse(flags, body, _version, out var packet, out violation)) return false;
        if (packet.HasSubscriptionIdentifier)
        {
            violation = MqttViolation.Protocol("A client's PUBLISH carries a subscription identifier.", "MQTT-3.3.4-6");
            return false;
        }

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
                Accept(packet, topic, out _);
                return true;
            case MqttQoS.AtLeastOnce:
                counts.QoS1++;
                if (!Admit(out violation)) return false;
                var result = Accept(packet, topic, out var kept);
                Acknowledge(result.Ticket, kept, packet.PacketId, MqttPacketType.PubAck, result.ReasonCode);
                return true;
            default:
                counts.QoS2++;
                return ProcessExactlyOnce(packet, topic, out violation);
        }
    }

    private bool ProcessExactlyOnce(in PublishPacket packet, ReadOnlySpan<byte> topic, out MqttViolation? violation)
    {
        violation = null;
        if (Session!.TryGetUnreleased(packet.PacketId, out var taken))
        {
            // A resend: the message has been taken already (MQTT-4.3.3-10), and is acknowledged no earlier than the first time.
            Acknowledge(taken.Source, taken.Ticket, packet.PacketId, MqttPacketType.PubRec, MqttReasonCode.Success);
            return true;
        }

        // The identifiers of a 3.1.1 client are bounded here too: it is told nothing of a limit, so it may use all 65,535.
        if (!Admit(out violation)) return false;
        var result = Accept(packet, topic, out var kept);
        if ((byte)result.ReasonCode < 0x80 || _version != MqttProtocolVersion.V500) kept = Session.AddUnreleased(packet.PacketId, result.Ticket, kept);
        Acknowledge(result.Ticket, kept, packet.PacketId, MqttPacketType.PubRec, result.ReasonCode);
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

    /// <param name="kept">The session journal's ticket of what it was routed to; 0 for none.</param>
    private PublishResult Accept(in PublishPacket packet, ReadOnlySpan<byte> topic, out long kept)
    {
        kept = 0;
        if (SysTopics.IsReserved(topic))
        {
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
            var outcome = _broker.Route(topic, packet.Payload, packet.Properties, packet.QoS, packet.Retain, Session, _topics ??= new(), result.Ticket);
            _congested = outcome.Congested ?? _congested;
            kept = outcome.Ticket;
        }

        return result;
    }

    /// <summary>Acknowledges at once where that keeps the order of the messages (MQTT-4.6.0-2), else through the pump.</summary>
    /// <param name="ticket">The application's.</param>
    /// <param name="kept">The session journal's.</param>
    private void Acknowledge(long ticket, long kept, ushort packetId, MqttPacketType type, MqttReasonCode reason)
    {
        if (ticket <= 0 && kept == 0 && _acks!.Count == 0)
        {
            AckBody.Write(_replies, type, _version, packetId, reason);
            if (type == MqttPacketType.PubAck || (byte)reason >= 0x80) _acks.Ended();
            _broker.Metrics.Acknowledged(1);
            return;
        }

        // What was acknowledged directly goes out before the pump can see this one.
        if (_replies.Length > 0) SendReplies();
        _acks!.Add(ticket, kept, packetId, type, reason);
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
