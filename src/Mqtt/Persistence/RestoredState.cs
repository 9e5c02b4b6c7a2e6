using System.Text;

namespace SmartCity.Mqtt;

/// <summary>What the records of a journal add up to.</summary>
internal sealed class RestoredState
{
    private long _order;

    /// <summary>By number.</summary>
    public Dictionary<long, RestoredSession> Sessions { get; } = [];

    public Dictionary<string, ApplicationMessage> Retained { get; } = new(StringComparer.Ordinal);

    /// <summary>Highest number that a session ever had.</summary>
    public long LastNumber { get; private set; }

    /// <summary>Applies the records of one frame.</summary>
    public void Apply(ReadOnlySpan<byte> records)
    {
        var cursor = new JournalCursor(records);
        while (!cursor.IsAtEnd)
        {
            var kind = (JournalRecord)cursor.Byte();
            switch (kind)
            {
                case JournalRecord.Retained:
                    var message = ApplicationMessage.Read(ref cursor);
                    Retained[Encoding.UTF8.GetString(message.Topic)] = message;
                    break;
                case JournalRecord.NotRetained:
                    Retained.Remove(cursor.Text());
                    break;
                default:
                    ApplyToSession(kind, cursor.Long(), ref cursor);
                    break;
            }
        }
    }

    private void ApplyToSession(JournalRecord kind, long number, ref JournalCursor cursor)
    {
        // Records of a session that has ended meanwhile are read over.
        var session = Sessions.GetValueOrDefault(number) ?? new RestoredSession("");
        switch (kind)
        {
            case JournalRecord.SessionStarted:
                Sessions[number] = session = new(cursor.Text());
                LastNumber = Math.Max(LastNumber, number);
                session.ReadOwner(ref cursor);
                break;
            case JournalRecord.SessionAttached:
                session.ReadOwner(ref cursor);
                break;
            case JournalRecord.SessionDetached:
                session.Detach(cursor.Long(), cursor.Long());
                break;
            case JournalRecord.SessionEnded:
                Sessions.Remove(number);
                break;
            case JournalRecord.Subscribed:
                var filter = cursor.Text();
                var options = cursor.Byte();
                session.Subscriptions[filter] = (new(filter, (MqttQoS)(options & 3), (options & 4) != 0, (options & 8) != 0, (byte)(options >> 4)), cursor.Int());
                break;
            case JournalRecord.Unsubscribed:
                session.Subscriptions.Remove(cursor.Text());
                break;
            case JournalRecord.Queued:
                var delivery = ReadDelivery(ref cursor);
                session.Deliveries[delivery.PacketId] = delivery;
                break;
            case JournalRecord.Sent:
                if (session.Deliveries.TryGetValue(cursor.Short(), out var sent)) sent.WasSent = true;
                break;
            case JournalRecord.Received:
                if (session.Deliveries.TryGetValue(cursor.Short(), out var received)) received.WasReceived = received.WasSent = true;
                break;
            case JournalRecord.Completed:
                session.Deliveries.Remove(cursor.Short());
                break;
            case JournalRecord.Unreleased:
                session.Unreleased[cursor.Short()] = cursor.Long();
                break;
            case JournalRecord.Released:
                session.Unreleased.Remove(cursor.Short());
                break;
            default:
                throw new InvalidDataException($"The MQTT session journal has a record of kind {(byte)kind}, which this version does not know. Was it written by a newer one?");
        }
    }

    private RestoredDelivery ReadDelivery(ref JournalCursor cursor)
    {
        var packetId = cursor.Short();
        var qos = (MqttQoS)cursor.Byte();
        var retain = cursor.Byte() != 0;
        var source = cursor.Long();
        var group = cursor.Text();
        var ids = new uint[cursor.Short()];
        for (var i = 0; i < ids.Length; i++) ids[i] = cursor.Int();
        return new(++_order, packetId, qos, retain, source, group, ids.Length == 0 ? null : ids, ApplicationMessage.Read(ref cursor));
    }
}
