using System.Buffers;

namespace SmartCity.Mqtt;

/// <content>The read loop.</content>
internal sealed partial class ClientConnection
{
    private async Task ReadLoopAsync()
    {
        var input = _context.Transport.Input;
        var replies = new ReplyBuffer();
        try
        {
            while (IsOpen)
            {
                var result = await input.ReadAsync().ConfigureAwait(false);
                if (result.IsCanceled || !IsOpen) return;
                var violation = ProcessBatch(result.Buffer, replies, out var consumed, out var more, out var disconnect);
                input.AdvanceTo(consumed, more ? consumed : result.Buffer.End);
                SendReplies(replies);
                if (_resent)
                {
                    _resent = false;
                    Output.Flush();
                }

                _acks.Start(End, _stop.Token);
                if (violation is not null)
                {
                    if (_options.Version == MqttProtocolVersion.V500) SendDisconnect(violation.ReasonCode);
                    End(new MqttProtocolException(violation));
                }
                else if (disconnect is not null) End(Disconnected(disconnect));
                else if (result.IsCompleted && !more) End(new MqttConnectionLostException($"The MQTT broker at {Peer} closed the connection."));
                else await WhenReadyAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            End(e is IOException or OperationCanceledException or System.Net.WebSockets.WebSocketException or ObjectDisposedException
                ? new MqttConnectionLostException($"The connection to {Peer} broke: {e.Message}", e)
                : e);
        }
        finally
        {
            replies.Clear();
        }
    }

    /// <summary>As many messages as we hold wait for their acknowledgement: nothing more is read before some of them are out.</summary>
    private bool MustAcknowledgeFirst => _acks.IsFull;

    /// <summary>The back-pressure point: TCP holds the server back while we do not read.</summary>
    private ValueTask WhenReadyAsync()
    {
        var ready = _receiver.WhenReadyAsync(_stop.Token);
        return ready.IsCompletedSuccessfully && !MustAcknowledgeFirst && !Output.IsStalled ? default : PauseAsync(ready);
    }

    private async ValueTask PauseAsync(ValueTask ready)
    {
        Volatile.Write(ref _readingPaused, true);
        await ready.ConfigureAwait(false);
        while (MustAcknowledgeFirst && IsOpen) await _acks.WhenSpaceAsync().ConfigureAwait(false);
        await Output.WhenDrainedAsync(PacketOutput.Reader).ConfigureAwait(false);
        Volatile.Write(ref _pingPending, false);
        Volatile.Write(ref _readingPaused, false);
    }

    private void SendReplies(ReplyBuffer replies)
    {
        if (replies.Length == 0) return;
        if (Output.Write(replies.Written)) Output.Flush();
        replies.Clear();
    }

    private MqttConnectionLostException Disconnected(DisconnectPacket packet)
    {
        var why = packet.Properties?.ReasonString is { } text ? $": {text}" : ".";
        return new($"The MQTT broker at {Peer} disconnected us with 0x{(byte)packet.ReasonCode:X2} {packet.ReasonCode}{why}") { ReasonCode = packet.ReasonCode };
    }

    /// <param name="more">True when it stopped before the end because no more may wait for their acknowledgement.</param>
    private MqttViolation? ProcessBatch(
        in ReadOnlySequence<byte> buffer, ReplyBuffer replies, out SequencePosition consumed, out bool more, out DisconnectPacket? disconnect)
    {
        using var frames = new FrameReader(buffer, _options.MaxPacketSize, _options.Version);
        disconnect = null;
        more = false;
        var freed = 0;
        MqttViolation? violation = null;
        while (disconnect is null && violation is null && !(more = MustAcknowledgeFirst))
        {
            var status = frames.TryRead(out var header, out var body, out violation);
            if (status != MqttParseStatus.Packet) break;
            violation = Process(header, body, replies, ref freed, out disconnect);
        }

        if (freed > 0) _session.Window.ReleasePlaces(this, freed);
        consumed = frames.Consumed;
        return violation;
    }

    private MqttViolation? Process(byte header, ReadOnlySpan<byte> body, ReplyBuffer replies, ref int freed, out DisconnectPacket? disconnect)
    {
        disconnect = null;
        var version = _options.Version;
        var flags = (byte)(header & 15);
        MqttViolation? violation;
        switch ((MqttPacketType)(header >> 4))
        {
            case MqttPacketType.Publish:
                return PublishPacket.TryParse(flags, body, version, out var publish, out violation) ? Receive(publish, replies) : violation;
            case MqttPacketType.PubAck:
                if (PubAckPacket.TryParse(flags, body, version, out var pubAck, out violation)) Acknowledge(MqttPacketType.PubAck, pubAck.PacketId, pubAck.ReasonCode, ref freed);
                return violation;
            case MqttPacketType.PubRec:
                if (!PubRecPacket.TryParse(flags, body, version, out var pubRec, out violation)) return violation;
                if ((byte)pubRec.ReasonCode >= 0x80) Acknowledge(MqttPacketType.PubRec, pubRec.PacketId, pubRec.ReasonCode, ref freed);
                else
                {
                    var known = _session.Window.Release(this, pubRec.PacketId);
                    new PubRelPacket(pubRec.PacketId, known ? MqttReasonCode.Success : MqttReasonCode.PacketIdentifierNotFound).Write(replies, version);
                }

                return null;
            case MqttPacketType.PubComp:
                if (PubCompPacket.TryParse(flags, body, version, out var pubComp, out violation)) Acknowledge(MqttPacketType.PubComp, pubComp.PacketId, pubComp.ReasonCode, ref freed);
                return violation;
            case MqttPacketType.PubRel:
                if (PubRelPacket.TryParse(flags, body, version, out var pubRel, out violation)) Complete(pubRel.PacketId, replies);
                return violation;
            case MqttPacketType.SubAck:
                if (SubAckPacket.TryParse(flags, body, version, out var subAck, out violation)) Answer(subAck!.PacketId, subAck.ReasonCodes);
                return violation;
            case MqttPacketType.UnsubAck:
                if (UnsubAckPacket.TryParse(flags, body, version, out var unsubAck, out violation)) Answer(unsubAck!.PacketId, unsubAck.ReasonCodes);
                return violation;
            case MqttPacketType.PingResp:
                Volatile.Write(ref _pingPending, false);
                return PingRespPacket.TryParse(flags, body, out violation) ? null : violation;
            case MqttPacketType.Disconnect when version == MqttProtocolVersion.V500:
                return DisconnectPacket.TryParse(flags, body, version, out disconnect, out violation) ? null : violation;
            case var type:
                return MqttViolation.Protocol($"A server does not send packet type {(int)type} now.", "MQTT 5.0 §2.1.2");
        }
    }

    private void Acknowledge(MqttPacketType type, ushort packetId, MqttReasonCode reason, ref int freed)
    {
        if (_session.Window.Acknowledge(this, type, packetId, ref reason) is not { } pipelined) return;
        freed++;
        _options.OnAcknowledged?.Invoke(new(packetId, reason, _options.Time.GetElapsedTime(pipelined.SentAt)));
    }

    private void Answer(ushort packetId, IReadOnlyList<MqttReasonCode> reasons)
    {
        TaskCompletionSource<IReadOnlyList<MqttReasonCode>>? request;
        lock (Output.Gate) _requests.TryGetValue(packetId, out request);
        request?.TrySetResult(reasons);
    }
}
