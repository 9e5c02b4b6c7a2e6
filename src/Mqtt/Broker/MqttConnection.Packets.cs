using System.Buffers;

namespace SmartCity.Mqtt;

/// <content>From bytes to packets, and what each packet but PUBLISH and SUBSCRIBE does.</content>
internal sealed partial class MqttConnection
{
    private Step ProcessBatch(in ReadOnlySequence<byte> buffer, out SequencePosition consumed, out SequencePosition examined, out int packets)
    {
        using var frames = new FrameReader(buffer, _broker.Limits.MaxPacketSize, _version);
        var counts = default(MqttMetrics.BatchCounts);
        var step = Step.NeedMore;
        while (true)
        {
            if (_acks!.IsFull)
            {
                step = Step.AcksFull;
                break;
            }

            if (_rate is { IsEmpty: true })
            {
                step = Step.Throttled;
                break;
            }

            var status = frames.TryRead(out var header, out var body, out var violation);
            if (status == MqttParseStatus.NeedMore) break;
            if (status == MqttParseStatus.Packet)
            {
                counts.Packets++;
                if (Process(header, body, ref counts, out violation)) continue;
            }

            if (violation is not null)
            {
                // What came before the bad packet is answered before the DISCONNECT.
                SendReplies();
                Close(violation);
            }

            step = Step.Close;
            break;
        }

        // Examined up to the end only when more bytes are wanted: then the pipe wakes the loop for new ones alone.
        consumed = frames.Consumed;
        examined = step == Step.NeedMore ? buffer.End : consumed;
        packets = counts.Packets;
        counts.Bytes = buffer.Slice(0, consumed).Length;
        _broker.Metrics.Received(counts);
        return step;
    }

    private bool Process(byte header, ReadOnlySpan<byte> body, ref MqttMetrics.BatchCounts counts, out MqttViolation? violation)
    {
        var flags = (byte)(header & 15);
        switch ((MqttPacketType)(header >> 4))
        {
            case MqttPacketType.Publish:
                _rate?.Take();
                return ProcessPublish(flags, body, ref counts, out violation);
            case MqttPacketType.PubAck:
                return PubAckPacket.TryParse(flags, body, _version, out var pubAck, out violation) && OnDelivered(pubAck.PacketId);
            case MqttPacketType.PubRec:
                return PubRecPacket.TryParse(flags, body, _version, out var pubRec, out violation) && OnPubRec(pubRec);
            case MqttPacketType.PubRel:
                return PubRelPacket.TryParse(flags, body, _version, out var pubRel, out violation) && OnPubRel(pubRel);
            case MqttPacketType.PubComp:
                return PubCompPacket.TryParse(flags, body, _version, out var pubComp, out violation) && OnDelivered(pubComp.PacketId);
            case MqttPacketType.Subscribe:
                return SubscribePacket.TryParse(flags, body, _version, out var subscribe, out violation) && OnSubscribe(subscribe!, out violation);
            case MqttPacketType.Unsubscribe:
                return UnsubscribePacket.TryParse(flags, body, _version, out var unsubscribe, out violation) && OnUnsubscribe(unsubscribe!, out violation);
            case MqttPacketType.PingReq:
                if (!PingReqPacket.TryParse(flags, body, out violation)) return false;
                PingRespPacket.Write(_replies);
                return true;
            case MqttPacketType.Disconnect:
                if (DisconnectPacket.TryParse(flags, body, _version, out var disconnect, out violation)) OnDisconnect(disconnect!, out violation);
                return false;
            case MqttPacketType.Connect:
                violation = MqttViolation.Protocol("A second CONNECT.", "MQTT-3.1.0-2");
                return false;
            case MqttPacketType.Auth when _version == MqttProtocolVersion.V500:
                if (AuthPacket.TryParse(flags, body, out _, out violation)) violation = MqttViolation.Protocol("AUTH without an authentication method in CONNECT.", "MQTT-4.12.0-7");
                return false;
            case var type:
                violation = MqttViolation.Protocol($"A client does not send packet type {(int)type}.", "MQTT 5.0 §2.1.2");
                return false;
        }
    }

    /// <summary>PUBACK or PUBCOMP frees a place in the window. An unknown identifier is left alone: it may answer a resend.</summary>
    private bool OnDelivered(ushort packetId)
    {
        if (Session!.Complete(packetId)) WakeSender();
        return true;
    }

    private bool OnPubRec(PubRecPacket packet)
    {
        if ((byte)packet.ReasonCode >= 0x80) return OnDelivered(packet.PacketId);
        var known = Session!.MarkReceived(packet.PacketId, out var ticket);
        new PubRelPacket(packet.PacketId, known ? MqttReasonCode.Success : MqttReasonCode.PacketIdentifierNotFound).Write(RepliesAfter(ticket), _version);
        return true;
    }

    private bool OnPubRel(PubRelPacket packet)
    {
        var known = Session!.Release(packet.PacketId, out var ticket);
        if (known) _acks!.Ended();
        new PubCompPacket(packet.PacketId, known ? MqttReasonCode.Success : MqttReasonCode.PacketIdentifierNotFound).Write(RepliesAfter(ticket), _version);
        return true;
    }

    private void OnDisconnect(DisconnectPacket packet, out MqttViolation? violation)
    {
        violation = null;
        if (packet.Properties?.SessionExpiryInterval is { } interval)
        {
            if (interval > 0 && SessionExpiry == TimeSpan.Zero && (_connect!.Properties?.SessionExpiryInterval ?? 0) == 0)
            {
                violation = MqttViolation.Protocol("DISCONNECT gives a lifetime to a session that had none.", "MQTT 5.0 §3.14.2.2.2");
                return;
            }

            SessionExpiry = Seconds(interval) < _broker.Limits.MaxSessionExpiry ? Seconds(interval) : _broker.Limits.MaxSessionExpiry;
        }

        // MQTT-3.14.4-3: a normal DISCONNECT discards the will.
        if (packet.ReasonCode == MqttReasonCode.Success) _will = null;
        _broker.Log.Disconnected(Name, packet.ReasonCode);
    }
}
