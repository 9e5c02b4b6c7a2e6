using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Mqtt;

/// <summary>
/// The broker: sessions, subscriptions, retained messages. It does not listen; <see cref="MqttConnectionHandler"/> brings it connections.
/// </summary>
public sealed class MqttBroker : IDisposable
{
    private readonly ConcurrentDictionary<string, MqttSession> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MqttConnection, byte> _connections = new();
    private readonly ITimer _timer;
    private int _ticking;
    private bool _stopped;

    /// <param name="handler">What the application does with inbound messages; null: route only.</param>
    /// <param name="authorizer">Null: everybody may do everything.</param>
    /// <param name="limits">Null: the defaults.</param>
    public MqttBroker(
        IPublishHandler? handler = null, IMqttAuthorizer? authorizer = null, MqttLimits? limits = null,
        TimeProvider? time = null, ILogger<MqttBroker>? logger = null, MqttMetrics? metrics = null)
    {
        Handler = handler ?? RoutingOnlyHandler.Instance;
        Authorizer = authorizer ?? AllowAllAuthorizer.Instance;
        Limits = limits ?? new();
        Limits.Validate();
        Time = time ?? TimeProvider.System;
        Log = logger ?? NullLogger<MqttBroker>.Instance;
        Metrics = metrics ?? new();
        Retained = new(Limits);
        _timer = Time.CreateTimer(static self => ((MqttBroker)self!).Tick(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Counters of this broker.</summary>
    public MqttMetrics Metrics { get; }

    public MqttLimits Limits { get; }

    /// <summary>Sessions, with or without a connection.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>Messages retained.</summary>
    public int RetainedCount => Retained.Count;

    /// <summary>Network connections, with or without an accepted CONNECT.</summary>
    public int OpenSockets => _connections.Count;

    internal IPublishHandler Handler { get; }

    internal IMqttAuthorizer Authorizer { get; }

    internal TimeProvider Time { get; }

    internal ILogger Log { get; }

    internal SubscriptionTrie Subscriptions { get; } = new();

    internal RetainedMessages Retained { get; }

    internal bool HasSubscriptions => Subscriptions.Count > 0;

    internal bool HasRoom => Metrics.ConnectionsOpen < Limits.MaxConnections;

    /// <summary>Publishes a message of the server itself to all subscribers. It does not pass the publish handler.</summary>
    /// <param name="topic">A valid topic name; throws otherwise.</param>
    public void Publish(string topic, ReadOnlySpan<byte> payload, MqttQoS qos = MqttQoS.AtMostOnce, bool retain = false)
    {
        var bytes = Encoding.UTF8.GetBytes(topic);
        if (MqttTopic.CheckName(bytes) is { } violation) throw new ArgumentException(violation.Message, nameof(topic));
        Route(bytes, payload, default, qos, retain, origin: null, topics: null);
    }

    /// <summary>Closes the connection of a client, if it has one.</summary>
    /// <returns>False when there was none.</returns>
    public bool Disconnect(string clientId, MqttReasonCode reason, string why)
    {
        if (!_sessions.TryGetValue(clientId, out var session)) return false;
        MqttConnection? connection;
        lock (session.Gate) connection = session.Connection;
        connection?.Close(reason, why);
        return connection is not null;
    }

    /// <summary>Closes all connections with 0x8B and stops the clock. Kestrel's own stop does the former too.</summary>
    public void Dispose()
    {
        _stopped = true;
        _timer.Dispose();
        foreach (var connection in _connections.Keys) connection.Close(MqttReasonCode.ServerShuttingDown, "The server is shutting down.");
    }

    internal async Task RunAsync(ConnectionContext context)
    {
        if (_stopped || _connections.Count >= Limits.MaxConnections + Limits.MaxPendingConnections)
        {
            Metrics.Refuse(MqttReasonCode.ServerBusy);
            context.Abort();
            return;
        }

        var connection = new MqttConnection(this, context);
        _connections.TryAdd(connection, 0);
        await connection.RunAsync().ConfigureAwait(false);
    }

    /// <summary>Keeps the connection under watch until its last bytes are out or <see cref="MqttLimits.CloseTimeout"/> is over.</summary>
    internal void Unregister(MqttConnection connection) => _connections.TryRemove(connection, out _);

    /// <summary>Makes the connection the owner of the client's session, closing an earlier owner first (MQTT-3.1.4-3).</summary>
    internal async Task<(MqttSession Session, bool Resumed)> AttachAsync(
        MqttConnection connection, string clientId, bool cleanStart, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fresh = new MqttSession(clientId, Limits, Metrics) { Connection = connection };
            var session = _sessions.GetOrAdd(clientId, fresh);
            if (session == fresh) return (session, false);
            MqttConnection? owner;
            PendingWill? will = null;
            var resumed = false;
            lock (session.Gate)
            {
                owner = session.Connection;
                if (owner is null && !session.Removed)
                {
                    // A session that goes on within the delay keeps its will to itself (MQTT-3.1.3-9); one that ends here publishes it.
                    if (cleanStart) will = session.Will.Will;
                    session.Will = default;
                    session.EndsAt = 0;
                    if (cleanStart) Remove(session);
                    else
                    {
                        session.Connection = connection;
                        resumed = true;
                    }
                }
            }

            if (will is not null) PublishWill(will);
            if (resumed) return (session, true);
            if (owner is null) continue;
            owner.Close(MqttReasonCode.SessionTakenOver, "Another connection uses this client identifier.");
            await owner.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The connection is over: its session waits for the next one or ends, and its will is published now or later.</summary>
    internal void Detach(MqttConnection connection, MqttSession session, TimeSpan expiry, PendingWill? will)
    {
        var publishNow = false;
        lock (session.Gate)
        {
            if (session.Connection != connection) return;
            session.Connection = null;
            var delay = TimeSpan.FromSeconds(will?.Will.Properties?.WillDelayInterval ?? 0);
            if (expiry <= TimeSpan.Zero || _stopped || DisconnectedSessions >= Limits.MaxDisconnectedSessions)
            {
                publishNow = will is not null;
                Remove(session);
            }
            else
            {
                session.EndsAt = After(expiry);
                publishNow = will is not null && delay == TimeSpan.Zero;
                if (will is not null && !publishNow) session.Will = (will, After(delay < expiry ? delay : expiry));
            }
        }

        if (publishNow) PublishWill(will!);
    }

    /// <summary>Sends a message to all subscribers and keeps it when it is retained.</summary>
    internal void Route(
        ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> properties, MqttQoS qos, bool retain, MqttSession? origin, TopicCache? topics)
    {
        var targets = !HasSubscriptions ? [] : topics is null ? Subscriptions.Match(topic) : topics.Match(Subscriptions, topic);
        if (targets.Length == 0 && !retain) return;
        var message = ApplicationMessage.Create(topic, payload, properties, qos, retain, origin, Time.GetUtcNow().ToUnixTimeMilliseconds());
        if (retain && !Retained.Set(message)) Metrics.Drop(MqttDropReason.RetainedLimit);
        foreach (var target in targets)
        {
            if (target.NoLocal && target.Session == origin) continue;
            var granted = qos < target.QoS ? qos : target.QoS;
            if (target.Session.Enqueue(message, granted, retain && target.RetainAsPublished, target.Ids)) continue;
            MqttConnection? connection;
            lock (target.Session.Gate) connection = target.Session.Connection;
            connection?.Close(MqttReasonCode.QuotaExceeded, $"More waits for this client than {nameof(MqttLimits.MaxQueuedMessages)} or {nameof(MqttLimits.MaxQueuedBytes)} allow.");
        }
    }

    private int DisconnectedSessions => Math.Max(0, _sessions.Count - _connections.Count);

    private long After(TimeSpan delay)
    {
        var ticks = Math.Min(delay.TotalSeconds * Time.TimestampFrequency, long.MaxValue / 2d);
        return Math.Max(1, Time.GetTimestamp() + (long)ticks);
    }

    /// <summary>Under the session's gate.</summary>
    private void Remove(MqttSession session)
    {
        session.Removed = true;
        _sessions.TryRemove(new(session.ClientId, session));
        foreach (var filter in session.Subscriptions.Keys) Subscriptions.Remove(session, filter);
    }

    private void PublishWill(PendingWill pending)
    {
        var will = pending.Will;
        var topic = Encoding.UTF8.GetBytes(will.Topic);
        var properties = PropertySection.Encode(will.Properties);
        try
        {
            var result = Handler.Accept(new()
            {
                Topic = topic,
                Payload = will.Payload,
                Properties = [],
                QoS = will.QoS,
                Retain = will.Retain,
                Connection = pending.Connection,
            });
            if ((byte)result.ReasonCode >= 0x80) Metrics.Drop(MqttDropReason.Refused);
            else Route(topic, will.Payload, properties, will.QoS, will.Retain, origin: null, topics: null);
        }
        catch (Exception e)
        {
            Log.WillFailed(e, pending.Connection.ClientId);
        }
    }

    private void Tick()
    {
        // A tick that takes longer than its period must not meet the next one.
        if (Interlocked.Exchange(ref _ticking, 1) != 0) return;
        try
        {
            foreach (var connection in _connections.Keys) connection.CheckTime();
            var now = Time.GetTimestamp();
            foreach (var session in _sessions.Values) CheckTime(session, now);
            Retained.RemoveExpired(Time.GetUtcNow().ToUnixTimeMilliseconds());
        }
        catch (Exception e)
        {
            Log.TickFailed(e);
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    private void CheckTime(MqttSession session, long now)
    {
        PendingWill? due = null;
        lock (session.Gate)
        {
            if (session.Connection is not null) return;
            if (session.Will is { Will: { } will, DueAt: var dueAt } && dueAt <= now)
            {
                due = will;
                session.Will = default;
            }

            if (session.EndsAt != 0 && session.EndsAt <= now) Remove(session);
        }

        if (due is not null) PublishWill(due);
    }
}
