namespace SmartCity.Mqtt;

/// <content>The records; each answers its ticket. Those of a session are appended under its gate, so that their order is that of its changes.</content>
internal sealed partial class SessionJournal
{
    /// <summary>States a session with all it holds, in one piece.</summary>
    public long State(JournalBuffer records)
    {
        lock (_gate)
        {
            _filling.Raw(records.Written);
            return Added();
        }
    }

    /// <param name="endsAt">Unix milliseconds.</param>
    /// <param name="willDueAt">Unix milliseconds; 0 when there is no will any more.</param>
    public long Detached(long session, long endsAt, long willDueAt)
    {
        lock (_gate)
        {
            WriteDetached(_filling, session, endsAt, willDueAt);
            return Added();
        }
    }

    public long Ended(long session)
    {
        lock (_gate)
        {
            _filling.Begin(JournalRecord.SessionEnded, session);
            return Added();
        }
    }

    public long Subscribed(long session, in MqttSubscription subscription, uint id)
    {
        lock (_gate)
        {
            WriteSubscribed(_filling, session, subscription, id);
            return Added();
        }
    }

    public long Unsubscribed(long session, string filter)
    {
        lock (_gate)
        {
            _filling.Begin(JournalRecord.Unsubscribed, session).Text(filter);
            return Added();
        }
    }

    public long Queued(long session, in Delivery delivery)
    {
        lock (_gate)
        {
            WriteQueued(_filling, session, delivery);
            return Added();
        }
    }

    /// <summary><see cref="JournalRecord.Sent"/>, <see cref="JournalRecord.Received"/>, <see cref="JournalRecord.Completed"/> or <see cref="JournalRecord.Released"/>.</summary>
    public long Progress(JournalRecord record, long session, ushort packetId)
    {
        lock (_gate)
        {
            _filling.Begin(record, session).Short(packetId);
            return Added();
        }
    }

    /// <param name="source">The application's ticket of the message.</param>
    public long Unreleased(long session, ushort packetId, long source)
    {
        lock (_gate)
        {
            _filling.Begin(JournalRecord.Unreleased, session).Short(packetId).Long(source);
            return Added();
        }
    }

    public long Retained(ApplicationMessage message)
    {
        lock (_gate)
        {
            message.Write(_filling.Begin(JournalRecord.Retained, 0));
            return Added();
        }
    }

    public long NotRetained(ReadOnlySpan<byte> topic)
    {
        lock (_gate)
        {
            _filling.Begin(JournalRecord.NotRetained, 0).Bytes(topic);
            return Added();
        }
    }

    /// <summary>A new connection owns a session that goes on.</summary>
    public long Attached(long session, MqttProtocolVersion version, uint expirySeconds, PendingWill? will)
    {
        lock (_gate)
        {
            WriteOwner(_filling.Begin(JournalRecord.SessionAttached, session), version, expirySeconds, will);
            return Added();
        }
    }

    public static void WriteStarted(JournalBuffer buffer, long session, string clientId, MqttProtocolVersion version, uint expirySeconds, PendingWill? will) =>
        WriteOwner(buffer.Begin(JournalRecord.SessionStarted, session).Text(clientId), version, expirySeconds, will);

    public static void WriteDetached(JournalBuffer buffer, long session, long endsAt, long willDueAt) =>
        buffer.Begin(JournalRecord.SessionDetached, session).Long(endsAt).Long(willDueAt);

    public static void WriteSubscribed(JournalBuffer buffer, long session, in MqttSubscription subscription, uint id)
    {
        var options = (byte)((byte)subscription.QoS | (subscription.NoLocal ? 4 : 0) | (subscription.RetainAsPublished ? 8 : 0) | (subscription.RetainHandling << 4));
        buffer.Begin(JournalRecord.Subscribed, session).Text(subscription.Filter).Byte(options).Int(id);
    }

    public static void WriteQueued(JournalBuffer buffer, long session, in Delivery delivery)
    {
        buffer.Begin(JournalRecord.Queued, session).Short(delivery.PacketId).Byte((byte)delivery.QoS).Byte(delivery.Retain ? (byte)1 : (byte)0).Long(delivery.Message.Source);
        buffer.Text(delivery.Group?.Filter ?? "").Short((ushort)(delivery.SubscriptionIds?.Length ?? 0));
        foreach (var id in delivery.SubscriptionIds ?? []) buffer.Int(id);
        delivery.Message.Write(buffer);
    }

    private static void WriteOwner(JournalBuffer buffer, MqttProtocolVersion version, uint expirySeconds, PendingWill? will)
    {
        buffer.Byte((byte)version).Int(expirySeconds).Byte(will is null ? (byte)0 : (byte)1);
        if (will is null) return;
        buffer.Text(will.Connection.UserName ?? "").Text(will.Will.Topic).Bytes(will.Will.Payload).Byte((byte)will.Will.QoS).Byte(will.Will.Retain ? (byte)1 : (byte)0)
            .Bytes(PropertySection.Encode(will.Will.Properties));
    }
}
