using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Mqtt;

/// <summary>
/// The broker: sessions, subscriptions, retained messages. It does not listen; <see cref="MqttConnectionHandler"/> brings it connections.
/// </summary>
public sealed partial class MqttBroker : IDisposable
{
    private readonly ConcurrentDictionary<string, MqttSession> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MqttConnection, byte> _connections = new();
    private readonly PeerAddresses _addresses = new();
    private readonly WillPublisher _wills;
    private readonly SysTopics _sys;
    private readonly ITimer _timer;
    private int _sockets;
    private int _sessionCount;
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
        SysMessages = new(Limits);
        Budget = new(Limits, Metrics);
        _wills = new(this);
        _sys = new(this);
        _timer = Time.CreateTimer(static self => ((MqttBroker)self!).Tick(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Counters of this broker.</summary>
    public MqttMetrics Metrics { get; }

    public MqttLimits Limits { get; }

    /// <summary>Sessions, with or without a connection.</summary>
    public int SessionCount => Volatile.Read(ref _sessionCount);

    /// <summary>Messages retained.</summary>
    public int RetainedCount => Retained.Count;

    /// <summary>Network connections, with or without an accepted CONNECT.</summary>
    public int OpenSockets => Volatile.Read(ref _sockets);

    internal IPublishHandler Handler { get; }

    internal IMqttAuthorizer Authorizer { get; }

    internal TimeProvider Time { get; }

    internal ILogger Log { get; }

    internal SubscriptionTrie Subscriptions { get; } = new();

    internal RetainedMessages Retained { get; }

    /// <summary>The statistics below <c>$SYS</c>.</summary>
    internal RetainedMessages SysMessages { get; }

    internal SessionBudget Budget { get; }

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
        _wills.Dispose();
        foreach (var connection in _connections.Keys) connection.Close(MqttReasonCode.ServerShuttingDown, "The server is shutting down.");
        _journal?.Dispose();
    }

    internal async Task RunAsync(ConnectionContext context)
    {
        var sockets = Interlocked.Increment(ref _sockets);
        var address = _addresses.Enter(context.RemoteEndPoint);
        if (_stopped || sockets > Limits.MaxConnections + Limits.MaxPendingConnections || address?.Pending > Limits.MaxPendingConnectionsPerAddress)
        {
            Metrics.Refuse(address?.Pending > Limits.MaxPendingConnectionsPerAddress ? MqttReasonCode.ConnectionRateExceeded : MqttReasonCode.ServerBusy);
            address?.EndPending();
            Leave(address);
            context.Abort();
            return;
        }

        var connection = new MqttConnection(this, context, address);
        _connections.TryAdd(connection, 0);
        await connection.RunAsync().ConfigureAwait(false);
    }

    /// <summary>Keeps the connection under watch until its last bytes are out or <see cref="MqttLimits.CloseTimeout"/> is over.</summary>
    internal void Unregister(MqttConnection connection)
    {
        if (_connections.TryRemove(connection, out _)) Leave(connection.Address);
    }

    /// <summary>Sends a message to all subscribers and keeps it when it is retained.</summary>
    /// <param name="source">The application's ticket of the message.</param>
    internal RouteOutcome Route(
        ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> properties, MqttQoS qos, bool retain, MqttSession? origin, TopicCache? topics,
        long source = 0)
    {
        var targets = !HasSubscriptions ? [] : topics is null ? Subscriptions.Match(topic) : topics.Match(Subscriptions, topic);
        if (targets.Length == 0 && !retain) return default;
        var message = ApplicationMessage.Create(topic, payload, properties, qos, retain, origin, Time.GetUtcNow().ToUnixTimeMilliseconds(), source);
        var ticket = 0L;
        if (retain && !Retained.Set(message, out ticket)) Metrics.Drop(MqttDropReason.RetainedLimit);
        MqttSession? congested = null;
        foreach (var target in targets)
        {
            var outcome = target.Deliver(message, qos, retain);
            if (outcome.Ticket > ticket) ticket = outcome.Ticket;
            if (outcome.IsCongested) congested = outcome.Session;
            else if (outcome.Status == EnqueueStatus.Overflow) CloseOverflowing(outcome.Session!);
        }

        return new(congested, ticket);
    }

    private static void CloseOverflowing(MqttSession session)
    {
        MqttConnection? connection;
        lock (session.Gate) connection = session.Connection;
        connection?.Close(
            MqttReasonCode.QuotaExceeded,
            $"More waits for this client than {nameof(MqttLimits.MaxQueuedMessages)}, {nameof(MqttLimits.MaxQueuedBytes)} or {nameof(MqttLimits.MaxQueuedBytesTotal)} allow.");
    }

    private void Leave(PeerAddress? address)
    {
        Interlocked.Decrement(ref _sockets);
        _addresses.Leave(address);
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
            _sys.Tick();
            CompactWhenWorthwhile();
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
}
