using System.Buffers;

namespace SmartCity.Mqtt;

/// <content>Handshake, read loop, keep-alive.</content>
internal sealed partial class ClientConnection
{
    private async Task HandshakeAsync(CancellationToken cancellationToken)
    {
        var v5 = _options.Version == MqttProtocolVersion.V500;
        lock (Output.Gate)
        {
            new ConnectPacket
            {
                Version = _options.Version,
                ClientId = _options.ClientId,
                CleanStart = _options.CleanStart,
                KeepAlive = (ushort)Math.Clamp(_options.KeepAlive.TotalSeconds, 0, ushort.MaxValue),
                UserName = _options.UserName,
                Password = _options.Password is null ? null : System.Text.Encoding.UTF8.GetBytes(_options.Password),
                Will = _options.Will,
                Properties = !v5 ? null : new()
                {
                    SessionExpiryInterval = _options.SessionExpiry > TimeSpan.Zero ? (uint)Math.Min(uint.MaxValue, _options.SessionExpiry.TotalSeconds) : null,
                    MaximumPacketSize = (uint)_options.MaxPacketSize,
                    ReceiveMaximum = (ushort)Math.Clamp(_options.MaxReceived, 1, ushort.MaxValue),
                },
            }.Write(Output.Writer);
        }

        Output.Flush();
        var input = _context.Transport.Input;
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var status = ReadConnAck(result.Buffer, out var consumed, out var violation);
            input.AdvanceTo(consumed, status == MqttParseStatus.NeedMore ? result.Buffer.End : consumed);
            if (status == MqttParseStatus.Violation) throw new MqttProtocolException(violation!);
            if (status == MqttParseStatus.Packet) break;
            if (result.IsCompleted) throw new MqttConnectException($"The MQTT broker at {Peer} closed the connection without a CONNACK.");
        }

        if (ConnAck.ReasonCode != MqttReasonCode.Success)
        {
            var why = ConnAck.Properties?.ReasonString is { } text ? $": {text}" : ".";
            throw new MqttConnectException($"The MQTT broker at {Peer} refused the connection with 0x{(byte)ConnAck.ReasonCode:X2} {ConnAck.ReasonCode}{why}")
            {
                ReasonCode = ConnAck.ReasonCode,
            };
        }

        var window = Math.Clamp(_options.MaxInFlight, 1, Math.Min(ConnAck.Properties?.ReceiveMaximum ?? ushort.MaxValue, (ushort)32_767));
        _slots = [.. Enumerable.Range(1, window).Select(id => new PublishSlot((ushort)id, this))];
        _free = new(_slots.Reverse());
        _window = new(window);
    }

    /// <summary>Starts reading, handling and pinging.</summary>
    public void Start()
    {
        _ = ReadLoopAsync();
        _ = DispatchLoopAsync();
        var keepAlive = TimeSpan.FromSeconds(ConnAck.Properties?.ServerKeepAlive ?? (ushort)Math.Clamp(_options.KeepAlive.TotalSeconds, 0, ushort.MaxValue));
        if (keepAlive > TimeSpan.Zero) _ = KeepAliveLoopAsync(keepAlive / 2);
    }

    private MqttParseStatus ReadConnAck(in ReadOnlySequence<byte> buffer, out SequencePosition consumed, out MqttViolation? violation)
    {
        using var frames = new FrameReader(buffer, _options.MaxPacketSize, _options.Version);
        var status = frames.TryRead(out var header, out var body, out violation);
        if (status == MqttParseStatus.Packet)
        {
            if (header >> 4 != (int)MqttPacketType.ConnAck)
            {
                violation = MqttViolation.Protocol("The first packet from the server is not CONNACK.", "MQTT-3.2.0-1");
                status = MqttParseStatus.Violation;
            }
            else if (ConnAckPacket.TryParse((byte)(header & 15), body, _options.Version, out var packet, out violation)) ConnAck = packet!;
            else status = MqttParseStatus.Violation;
        }

        consumed = frames.Consumed;
        return status;
    }

    private async Task ReadLoopAsync()
    {
        var input = _context.Transport.Input;
        var messages = new List<MqttMessage>();
        var replies = new ReplyBuffer();
        try
        {
            while (IsOpen)
            {
                var result = await input.ReadAsync().ConfigureAwait(false);
                if (result.IsCanceled || !IsOpen) return;
                var violation = ProcessBatch(result.Buffer, messages, replies, out var consumed, out var disconnect);
                input.AdvanceTo(consumed, result.Buffer.End);
                if (replies.Length > 0 && Output.Write(replies.Written)) Output.Flush();
                replies.Clear();
                foreach (var message in messages) await _received.Writer.WriteAsync(message, _stop.Token).ConfigureAwait(false);
                messages.Clear();
                if (violation is not null) End(new MqttProtocolException(violation));
                else if (disconnect is not null) End(Disconnected(disconnect));
                else if (result.IsCompleted) End(new MqttConnectionLostException($"The MQTT broker at {Peer} closed the connection."));
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

    private MqttConnectionLostException Disconnected(DisconnectPacket packet)
    {
        var why = packet.Properties?.ReasonString is { } text ? $": {text}" : ".";
        return new($"The MQTT broker at {Peer} disconnected us with 0x{(byte)packet.ReasonCode:X2} {packet.ReasonCode}{why}") { ReasonCode = packet.ReasonCode };
    }

    private MqttViolation? ProcessBatch(
        in ReadOnlySequence<byte> buffer, List<MqttMessage> messages, ReplyBuffer replies, out SequencePosition consumed, out DisconnectPacket? disconnect)
    {
        using var frames = new FrameReader(buffer, _options.MaxPacketSize, _options.Version);
        disconnect = null;
        var freed = 0;
        MqttViolation? violation = null;
        while (disconnect is null && violation is null)
        {
            var status = frames.TryRead(out var header, out var body, out violation);
            if (status != MqttParseStatus.Packet) break;
            violation = Process(header, body, messages, replies, ref freed, out disconnect);
        }

        if (freed > 0) _window.Release(freed);
        consumed = frames.Consumed;
        return violation;
    }

    private MqttViolation? Process(
        byte header, ReadOnlySpan<byte> body, List<MqttMessage> messages, ReplyBuffer replies, ref int freed, out DisconnectPacket? disconnect)
    {
        disconnect = null;
        var version = _options.Version;
        var flags = (byte)(header & 15);
        MqttViolation? violation;
        switch ((MqttPacketType)(header >> 4))
        {
            case MqttPacketType.Publish:
                if (PublishPacket.TryParse(flags, body, version, out var publish, out violation)) Receive(publish, messages, replies);
                return violation;
            case MqttPacketType.PubAck:
                if (PubAckPacket.TryParse(flags, body, version, out var pubAck, out violation)) Acknowledge(pubAck.PacketId, pubAck.ReasonCode, ref freed);
                return violation;
            case MqttPacketType.PubRec:
                if (!PubRecPacket.TryParse(flags, body, version, out var pubRec, out violation)) return violation;
                if ((byte)pubRec.ReasonCode >= 0x80) Acknowledge(pubRec.PacketId, pubRec.ReasonCode, ref freed);
                else new PubRelPacket(pubRec.PacketId).Write(replies, version);
                return null;
            case MqttPacketType.PubComp:
                if (PubCompPacket.TryParse(flags, body, version, out var pubComp, out violation)) Acknowledge(pubComp.PacketId, pubComp.ReasonCode, ref freed);
                return violation;
            case MqttPacketType.PubRel:
                if (!PubRelPacket.TryParse(flags, body, version, out var pubRel, out violation)) return violation;
                var reason = _unreleased.Remove(pubRel.PacketId) ? MqttReasonCode.Success : MqttReasonCode.PacketIdentifierNotFound;
                new PubCompPacket(pubRel.PacketId, reason).Write(replies, version);
                return null;
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

    private void Receive(in PublishPacket packet, List<MqttMessage> messages, ReplyBuffer replies)
    {
        if (packet.QoS == MqttQoS.ExactlyOnce)
        {
            new PubRecPacket(packet.PacketId).Write(replies, _options.Version);
            if (!_unreleased.Add(packet.PacketId)) return;
        }

        MqttProperties? properties = null;
        if (!packet.Properties.IsEmpty) properties = MqttProperties.FromValidated(packet.Properties, PropertyScopes.Publish);
        messages.Add(new(System.Text.Encoding.UTF8.GetString(packet.Topic), packet.Payload.ToArray(), packet.QoS, packet.Retain, packet.Duplicate)
        {
            PacketId = packet.PacketId,
            Properties = properties,
        });
    }

    private void Acknowledge(ushort packetId, MqttReasonCode reason, ref int freed)
    {
        if (packetId > _slots.Length) return;
        var slot = _slots[packetId - 1];
        lock (Output.Gate)
        {
            if (!slot.Busy) return;

            // A second acknowledgement must not find it. An awaited one stays taken until its awaiter has read the answer.
            slot.Busy = false;
            if (slot.Pipelined) Push(slot);
        }

        if (!slot.Pipelined)
        {
            slot.Complete(reason);
            return;
        }

        freed++;
        _options.OnAcknowledged?.Invoke(new(packetId, reason, _options.Time.GetElapsedTime(slot.SentAt)));
    }

    private void Answer(ushort packetId, IReadOnlyList<MqttReasonCode> reasons)
    {
        TaskCompletionSource<IReadOnlyList<MqttReasonCode>>? request;
        lock (Output.Gate) _requests.TryGetValue(packetId, out request);
        request?.TrySetResult(reasons);
    }

    private async Task DispatchLoopAsync()
    {
        try
        {
            await foreach (var message in _received.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                await _dispatch(message, _stop.Token).ConfigureAwait(false);
                if (message.QoS != MqttQoS.AtLeastOnce) continue;
                lock (Output.Gate)
                {
                    if (!Output.IsClosed) new PubAckPacket(message.PacketId).Write(Output.Writer, _options.Version);
                }

                Output.Flush();
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended.
        }
    }

    private async Task KeepAliveLoopAsync(TimeSpan period)
    {
        using var timer = new PeriodicTimer(period, _options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                if (Volatile.Read(ref _pingPending))
                {
                    End(new MqttConnectionLostException($"The MQTT broker at {Peer} did not answer a PINGREQ within {period.TotalSeconds:0.#} s."));
                    return;
                }

                Volatile.Write(ref _pingPending, true);
                lock (Output.Gate)
                {
                    if (!Output.IsClosed) PingReqPacket.Write(Output.Writer);
                }

                Output.Flush();
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended.
        }
    }
}
