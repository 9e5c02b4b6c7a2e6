using System.Buffers;

namespace SmartCity.Mqtt;

/// <content>Handshake and keep-alive.</content>
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
                    TopicAliasMaximum = _options.TopicAliasMaximum == 0 ? null : _options.TopicAliasMaximum,
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

        if (_options.CleanStart && ConnAck.SessionPresent)
        {
            throw new MqttProtocolException(MqttViolation.Protocol("The server resumes a session that was to start clean.", "MQTT-3.2.2-2"));
        }
    }

    /// <summary>Sends again what earlier connections left, then starts reading, handling and pinging.</summary>
    public void Start()
    {
        Limits = new(_options.Version, ConnAck.Properties);
        _session.Attach(this, ConnAck.Properties?.ReceiveMaximum ?? ushort.MaxValue, ConnAck.SessionPresent);
        Output.Flush();
        _ = ReadLoopAsync();
        _deliveries?.Start(_stop.Token);
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

    private async Task KeepAliveLoopAsync(TimeSpan period)
    {
        using var timer = new PeriodicTimer(period, _options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                // While we ourselves do not read, an answer that is missing says nothing about the server.
                if (Volatile.Read(ref _pingPending) && !Volatile.Read(ref _readingPaused))
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
