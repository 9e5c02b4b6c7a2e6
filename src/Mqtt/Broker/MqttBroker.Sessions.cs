namespace SmartCity.Mqtt;

/// <content>Sessions: who owns them, and when they end.</content>
public sealed partial class MqttBroker
{
    /// <summary>Makes the connection the owner of the client's session, closing an earlier owner first (MQTT-3.1.4-3).</summary>
    internal async Task<(MqttSession Session, bool Resumed)> AttachAsync(
        MqttConnection connection, SessionOwner owner, bool cleanStart, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fresh = new MqttSession(owner.ClientId, Budget) { Connection = connection };
            var session = _sessions.GetOrAdd(owner.ClientId, fresh);
            if (session == fresh)
            {
                Interlocked.Increment(ref _sessionCount);
                lock (session.Gate) Keep(session, owner);
                return (session, false);
            }

            MqttConnection? current;
            PendingWill? will = null;
            List<Delivery> orphans = [];
            var resumed = false;
            lock (session.Gate)
            {
                current = session.Connection;
                if (current is null && !session.Removed)
                {
                    // A session that goes on within the delay keeps its will to itself (MQTT-3.1.3-9); one that ends here publishes it.
                    if (cleanStart) will = session.Will.Will;
                    session.Will = default;
                    session.EndsAt = 0;
                    if (cleanStart) orphans = Remove(session);
                    else
                    {
                        session.Connection = connection;
                        Keep(session, owner);
                        resumed = true;
                    }
                }
            }

            if (will is not null) _wills.Publish(will);
            Redistribute(orphans);
            if (resumed) return (session, true);
            if (current is null) continue;
            current.Close(MqttReasonCode.SessionTakenOver, "Another connection uses this client identifier.");
            await current.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The connection is over: its session waits for the next one or ends, and its will is published now or later.</summary>
    internal void Detach(MqttConnection connection, MqttSession session, TimeSpan expiry, PendingWill? will)
    {
        var publishNow = false;
        List<Delivery> orphans = [];
        lock (session.Gate)
        {
            if (session.Connection != connection) return;
            session.Connection = null;
            session.Relieve();
            var delay = TimeSpan.FromSeconds(will?.Will.Properties?.WillDelayInterval ?? 0);
            if (expiry <= TimeSpan.Zero || (_stopped && session.Journal is null) || DisconnectedSessions >= Limits.MaxDisconnectedSessions)
            {
                publishNow = will is not null;
                orphans = Remove(session);
            }
            else
            {
                session.EndsAt = After(expiry);
                publishNow = will is not null && delay == TimeSpan.Zero;
                if (will is not null && !publishNow) session.Will = (will, After(delay < expiry ? delay : expiry));
                StateDetached(session);
            }
        }

        if (publishNow) _wills.Publish(will!);
        Redistribute(orphans);
    }

    /// <summary>What a member of a shared subscription leaves behind goes to another one (MQTT 5.0 §4.8.2).</summary>
    private static void Redistribute(List<Delivery> orphans)
    {
        foreach (var orphan in orphans) orphan.Group!.Deliver(orphan.Message, orphan.Message.QoS);
    }

    private int DisconnectedSessions => Math.Max(0, SessionCount - OpenSockets);

    private long After(TimeSpan delay)
    {
        var ticks = Math.Min(delay.TotalSeconds * Time.TimestampFrequency, long.MaxValue / 2d);
        return Math.Max(1, Time.GetTimestamp() + (long)ticks);
    }

    /// <summary>Under the session's gate.</summary>
    private List<Delivery> Remove(MqttSession session)
    {
        if (_sessions.TryRemove(new(session.ClientId, session))) Interlocked.Decrement(ref _sessionCount);
        foreach (var filter in session.Subscriptions.Keys) Subscriptions.Remove(session, filter);
        return session.End();
    }

    private void CheckTime(MqttSession session, long now)
    {
        PendingWill? due = null;
        List<Delivery> orphans = [];
        lock (session.Gate)
        {
            if (session.Connection is not null) return;
            if (session.Will is { Will: { } will, DueAt: var dueAt } && dueAt <= now)
            {
                due = will;
                session.Will = default;
                StateDetached(session);
            }

            if (session.EndsAt != 0 && session.EndsAt <= now) orphans = Remove(session);
        }

        if (due is not null) _wills.Publish(due);
        Redistribute(orphans);
    }

    /// <summary>Under the session's gate: one that outlives its connection goes to the journal.</summary>
    private void Keep(MqttSession session, SessionOwner owner)
    {
        if (_journal is null || (owner.ExpirySeconds == 0 && session.Journal is null)) return;
        session.Keep(_journal, Interlocked.Increment(ref _lastNumber), owner.Version, owner.ExpirySeconds, owner.Will);
    }

    /// <summary>Under the session's gate, without a connection.</summary>
    private void StateDetached(MqttSession session) =>
        session.Journal?.Detached(session.Number, ToUnix(session.EndsAt), session.Will.Will is null ? 0 : ToUnix(session.Will.DueAt));
}
