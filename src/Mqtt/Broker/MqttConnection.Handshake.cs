using System.Diagnostics;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace SmartCity.Mqtt;

/// <content>From the first byte to CONNACK.</content>
internal sealed partial class MqttConnection
{
    /// <summary>How long the session outlives the connection (§3.1.2.11.2); 0 = not at all.</summary>
    private TimeSpan SessionExpiry { get; set; }

    private async Task<bool> ConnectAsync()
    {
        while (true)
        {
            var result = await _input.ReadAsync().ConfigureAwait(false);
            if (result.IsCanceled || IsClosing) return false;
            var status = TryReadConnect(result.Buffer, out var consumed, out var violation);
            _input.AdvanceTo(consumed, status == MqttParseStatus.Packet ? consumed : result.Buffer.End);
            switch (status)
            {
                case MqttParseStatus.Packet:
                    return await AcceptConnectAsync(_connect!).ConfigureAwait(false);
                case MqttParseStatus.Violation:
                    RefuseViolation(violation!);
                    return false;
            }

            if (result.IsCompleted) return false;
        }
    }

    private MqttParseStatus TryReadConnect(
        in System.Buffers.ReadOnlySequence<byte> buffer, out SequencePosition consumed, out MqttViolation? violation)
    {
        using var frames = new FrameReader(buffer, _broker.Limits.MaxPacketSize, MqttProtocolVersion.Unknown);
        var first = buffer.IsEmpty ? (byte)0 : buffer.FirstSpan[0];
        if (!buffer.IsEmpty && first >> 4 != (int)MqttPacketType.Connect)
        {
            // Decided on the first byte: a stranger's protocol is not buffered.
            consumed = buffer.Start;
            violation = MqttViolation.Protocol("The first packet is not CONNECT.", "MQTT-3.1.0-1");
            return MqttParseStatus.Violation;
        }

        var status = frames.TryRead(out var header, out var body, out violation);
        if (status == MqttParseStatus.Packet && !ConnectPacket.TryParse((byte)(header & 15), body, out _version, out _connect, out violation))
        {
            status = MqttParseStatus.Violation;
        }

        consumed = frames.Consumed;
        return status;
    }

    private void RefuseViolation(MqttViolation violation)
    {
        _broker.Metrics.Violate(violation.ReasonCode);
        _broker.Log.Violation(Name, _context.RemoteEndPoint, violation);

        // A server MAY answer with a CONNACK; it does where the peer evidently speaks a version of MQTT that can be told (MQTT-3.1.4-2, MQTT-3.1.2-2).
        if (violation.ReasonCode == MqttReasonCode.UnsupportedProtocolVersion && _version == MqttProtocolVersion.Unknown) _version = MqttProtocolVersion.V311;
        else if (_version != MqttProtocolVersion.V500) return;
        SendRefusal(violation.ReasonCode, _version == MqttProtocolVersion.V500 ? violation.Message : null);
    }

    private void Refuse(MqttReasonCode reason, string why)
    {
        _broker.Metrics.Refuse(reason);
        _broker.Log.Refused(Name, _context.RemoteEndPoint, reason, why);
        SendRefusal(reason, MayExplain ? why : null);
    }

    private void SendRefusal(MqttReasonCode reason, string? why)
    {
        var packet = new ConnAckPacket { ReasonCode = reason, Properties = why is null ? null : new() { ReasonString = why } };
        packet.Write(_replies, _version);
        if (_replies.Length > ClientMaxPacketSize)
        {
            // MQTT-3.2.2-19: rather no explanation than one that is larger than the client takes.
            _replies.Clear();
            (packet with { Properties = null }).Write(_replies, _version);
            if (_replies.Length > ClientMaxPacketSize) _replies.Clear();
        }

        SendReplies();
    }

    private async Task<bool> AcceptConnectAsync(ConnectPacket connect)
    {
        using var activity = MqttMetrics.Activities.StartActivity("mqtt.connect", ActivityKind.Server);
        var limits = _broker.Limits;
        var v5 = _version == MqttProtocolVersion.V500;
        var clientId = connect.ClientId;
        if (clientId.Length == 0)
        {
            if (!v5 && !connect.CleanStart)
            {
                Refuse(MqttReasonCode.ClientIdentifierNotValid, "An empty client identifier needs a clean session (MQTT 3.1.1 MQTT-3.1.3-8).");
                return false;
            }

            clientId = $"auto-{Guid.NewGuid():N}";
        }

        activity?.SetTag("mqtt.client_id", clientId);
        if (System.Text.Encoding.UTF8.GetByteCount(clientId) > limits.MaxClientIdLength)
        {
            Refuse(MqttReasonCode.ClientIdentifierNotValid, $"The client identifier is longer than {limits.MaxClientIdLength} bytes ({nameof(MqttLimits.MaxClientIdLength)}).");
            return false;
        }

        if (connect.Properties?.AuthenticationMethod is not null)
        {
            Refuse(MqttReasonCode.BadAuthenticationMethod, "Enhanced authentication is not supported.");
            return false;
        }

        if (Address?.Open > limits.MaxConnectionsPerAddress)
        {
            Refuse(MqttReasonCode.QuotaExceeded, $"This address has {limits.MaxConnectionsPerAddress} connections already ({nameof(MqttLimits.MaxConnectionsPerAddress)}).");
            return false;
        }

        if (connect.Will is { } sized && sized.Payload.Length + PropertySection.Encode(sized.Properties).Length > limits.MaxWillSize)
        {
            Refuse(MqttReasonCode.PacketTooLarge, $"The will has more than {limits.MaxWillSize} bytes ({nameof(MqttLimits.MaxWillSize)}).");
            return false;
        }

        if (!_broker.HasRoom)
        {
            Refuse(MqttReasonCode.ServerBusy, $"There are {limits.MaxConnections} connections already ({nameof(MqttLimits.MaxConnections)}).");
            return false;
        }

        ReadOnlyMemory<byte>? password = connect.Password is { } sent ? new(sent) : null; // an array's own conversion would make an empty one of null
        var request = new MqttConnectRequest(clientId, connect.UserName, password, _context.RemoteEndPoint, _version)
        {
            ClientCertificate = _context.Features.Get<ITlsConnectionFeature>()?.ClientCertificate,
            IsEncrypted = _context.Features.Get<ITlsHandshakeFeature>() is not null,
            IsWebSocket = _context is WebSocketConnection,
        };
        var decision = await _broker.Authorizer.AuthorizeConnectAsync(request, _stop.Token).ConfigureAwait(false);
        _connect = connect = Kept(connect);
        var identity = request.Identity;
        var info = new MqttConnectionInfo(clientId, identity is null ? connect.UserName : identity.UserName, _context.RemoteEndPoint, _version, _broker.Time.GetUtcNow())
        {
            Identity = identity,
        };
        if (decision == MqttReasonCode.Success && identity is not null && !_broker.MayTakeOver(clientId, identity)) decision = MqttReasonCode.ClientIdentifierNotValid;
        if (decision == MqttReasonCode.Success && connect.Will is { } will && !MayLeave(will, info)) decision = MqttReasonCode.NotAuthorized;
        if (decision != MqttReasonCode.Success)
        {
            Refuse(decision, decision == MqttReasonCode.ClientIdentifierNotValid ? "Another user holds this client identifier." : "The connection is not authorized.");
            return false;
        }

        if (IsClosing) return false;
        return await StartSessionAsync(connect, info).ConfigureAwait(false);
    }

    /// <summary>The packet stays as long as the connection; the password does not, nor do user properties, which have no limit but the packet's.</summary>
    private static ConnectPacket Kept(ConnectPacket connect)
    {
        connect.Properties?.UserProperties = null;
        if (connect.Password is not { } password) return connect;
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(password);
        return connect with { Password = null };
    }

    private bool MayLeave(MqttWill will, MqttConnectionInfo info)
    {
        var topic = System.Text.Encoding.UTF8.GetBytes(will.Topic);
        return IsWithinLimits(topic) && !SysTopics.IsReserved(topic) && _broker.Authorizer.CanPublish(info, topic);
    }

    private async Task<bool> StartSessionAsync(ConnectPacket connect, MqttConnectionInfo info)
    {
        var limits = _broker.Limits;
        var v5 = _version == MqttProtocolVersion.V500;
        var asked = v5 ? Seconds(connect.Properties?.SessionExpiryInterval ?? 0) : connect.CleanStart ? TimeSpan.Zero : limits.MaxSessionExpiry;
        SessionExpiry = asked < limits.MaxSessionExpiry ? asked : limits.MaxSessionExpiry;
        KeepAlive = connect.KeepAlive;
        var capped = v5 && limits.MaxKeepAliveSeconds > 0 && (KeepAlive == 0 || KeepAlive > limits.MaxKeepAliveSeconds);
        if (capped) KeepAlive = limits.MaxKeepAliveSeconds;

        var answer = new ConnAckPacket
        {
            Properties = !v5 ? null : new()
            {
                AssignedClientIdentifier = connect.ClientId.Length == 0 ? info.ClientId : null,
                SessionExpiryInterval = SessionExpiry == asked ? null : (uint)SessionExpiry.TotalSeconds,
                ServerKeepAlive = capped ? limits.MaxKeepAliveSeconds : null,
                ReceiveMaximum = limits.ReceiveMaximum,
                MaximumPacketSize = (uint)limits.MaxPacketSize,
                TopicAliasMaximum = limits.TopicAliasMaximum,
            },
        };
        answer.Write(_replies, _version);
        var size = _replies.Length;
        _replies.Clear();
        if (size > ClientMaxPacketSize)
        {
            // What CONNACK has to say cannot be left out, and nothing may be larger than the client takes (MQTT-3.1.2-24).
            Refuse(MqttReasonCode.PacketTooLarge, $"CONNACK takes {size} bytes and the client's Maximum Packet Size is {ClientMaxPacketSize}.");
            return false;
        }

        // A v5 client is held by the Receive Maximum, and disconnected beyond it; the ring needs room for resends besides. A 3.1.1 client is held by the ring.
        _acks = new(_broker.Handler, _broker.Journal, _output, _broker.Metrics, _version, v5 ? 2 * limits.ReceiveMaximum : limits.ReceiveMaximum);
        var aliases = Math.Min(connect.Properties?.TopicAliasMaximum ?? 0, limits.OutboundTopicAliasMaximum);
        _writer = new(_version, ClientMaxPacketSize, aliases, _broker.Time, _broker.Metrics);
        if (limits.MaxMessageRate > 0) _rate = new(limits.MaxMessageRate, _broker.Time);

        var expirySeconds = SessionExpiry == TimeSpan.MaxValue ? uint.MaxValue : (uint)SessionExpiry.TotalSeconds;
        var owner = new SessionOwner(info.ClientId, _version, expirySeconds, connect.Will is null ? null : new(connect.Will, info));
        var appended = _broker.Journal?.Appended;
        var (session, resumed) = await _broker.AttachAsync(this, owner, connect.CleanStart || !_broker.MayResume(info), _stop.Token).ConfigureAwait(false);

        // From here on the end of the connection gives the session back; nothing may come in between.
        (Info, Session, _will) = (info, session, connect.Will);
        EndPending();
        _broker.Metrics.Opened();

        // Whether the session is there, and that an older one is not, must still be true after a crash.
        if (_broker.Journal is { } journal && journal.Appended != appended) await journal.WhenDurableAsync(journal.Appended).ConfigureAwait(false);
        session.SetWindow(connect.Properties?.ReceiveMaximum ?? ushort.MaxValue);
        _broker.Log.Connected(info.ClientId, _context.RemoteEndPoint, _version, resumed);
        (answer with { SessionPresent = resumed }).Write(_replies, _version);
        SendReplies();
        if (!resumed) return true;
        session.Resend(_output, _writer, _version);
        _output.Flush();
        StartSender();
        return true;
    }

    private static TimeSpan Seconds(uint interval) => interval == uint.MaxValue ? TimeSpan.MaxValue : TimeSpan.FromSeconds(interval);
}
