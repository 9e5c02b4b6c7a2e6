using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Mqtt;

/// <summary>
/// An MQTT 3.1.1 and 5.0 client over TCP, TLS and WebSocket. Thread-safe. Publishing of QoS 1 and 2 is bounded by
/// <see cref="MqttClientOptions.MaxInFlight"/>. With <see cref="MqttClientOptions.Reconnect"/> it comes back by itself. Messages without an
/// acknowledgement then fail with <see cref="MqttConnectionLostException"/>, and sending them again is the caller's choice; with
/// <see cref="MqttClientOptions.CleanStart"/> off they are sent again and complete after the reconnect.
/// </summary>
/// <remarks>What is under way is in memory: it outlives connections, not the process.</remarks>
public sealed partial class MqttClient : IAsyncDisposable
{
    private readonly MqttClientOptions _options;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, Registration> _subscriptions = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closed = new();
    private readonly ClientSession _session;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClientConnection? _connection;
    private Task _supervisor = Task.CompletedTask;
    private string? _assignedId;
    private MqttConnectionLostException? _stopped;
    private int _reconnects;
    private int _queued; // publishers that wait for their turn

    public MqttClient(MqttClientOptions options)
    {
        _options = options;
        _session = new(options);
        _logger = options.Logger ?? NullLogger.Instance;
    }

    public bool IsConnected => _connection is { IsOpen: true };

    /// <summary>The server's CONNACK; null before the first connect.</summary>
    public ConnAckPacket? ConnAck => _connection?.ConnAck;

    /// <summary>The client identifier in use: the server's when it assigned one.</summary>
    public string ClientId => _assignedId ?? _options.ClientId;

    /// <summary>How often the client has come back after a lost connection.</summary>
    public int Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>PUBACK and PUBREC packets sent.</summary>
    public long AcknowledgementsSent => _session.AcknowledgementsSent;

    /// <summary>Why the last connection ended; null while there is one.</summary>
    public Exception? Failure => _connection?.Failure;

    /// <summary>Ends when the present connection has ended.</summary>
    public Task WhenDisconnected => _connection?.Ended ?? Task.CompletedTask;

    /// <summary>Connects; with <see cref="MqttClientOptions.RetryFirstConnect"/> as often as it takes.</summary>
    /// <exception cref="MqttConnectException">Not reachable, no answer, or refused; the message names host, port and reason.</exception>
    public async Task<ConnAckPacket> ConnectAsync(CancellationToken cancellationToken = default)
    {
        if (IsConnected || !_supervisor.IsCompleted) throw new InvalidOperationException("The client is connected already, or comes back by itself.");
        var connection = await OpenFirstAsync(cancellationToken).ConfigureAwait(false);
        _connected.TrySetResult();
        if (_options.Reconnect) _supervisor = SuperviseAsync();
        Changed(MqttConnectionState.Connected, null);
        return connection.ConnAck;
    }

    /// <summary>
    /// Publishes one message; completes when it is written (QoS 0) or acknowledged by PUBACK or PUBCOMP (QoS 1 and 2). The result must be awaited.
    /// Cancelling applies until the message is written; after that the acknowledgement or the end of the connection decides.
    /// </summary>
    /// <returns>The reason code of the acknowledgement; below 0x80 is success.</returns>
    /// <exception cref="MqttConnectionLostException">The connection ended first.</exception>
    public async ValueTask<MqttReasonCode> PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQoS qos = MqttQoS.AtMostOnce, bool retain = false, MqttProperties? properties = null,
        CancellationToken cancellationToken = default)
    {
        var bytes = Encoding.UTF8.GetBytes(topic);
        if (MqttTopic.CheckName(bytes) is { } violation) throw new ArgumentException(violation.Message, nameof(topic));
        var publish = new OutboundPublish(bytes, PropertySection.Encode(properties), payload, qos, retain);
        var acknowledged = await BeginAsync(publish, cancellationToken).ConfigureAwait(false);
        return qos == MqttQoS.AtMostOnce ? MqttReasonCode.Success : await acknowledged.ConfigureAwait(false);
    }

    /// <summary>
    /// The fast path: completes when the message has a place in the window and is written, not when it is acknowledged. Acknowledgements go to
    /// <see cref="MqttClientOptions.OnAcknowledged"/>; <see cref="DrainAsync"/> waits for the last of them. Allocates nothing while there is room.
    /// </summary>
    /// <param name="topic">UTF-8 topic name; not checked.</param>
    /// <param name="flush">False to write more before sending; the last one flushes.</param>
    public ValueTask SendAsync(
        ReadOnlyMemory<byte> topic, ReadOnlyMemory<byte> payload, MqttQoS qos, bool flush = true, CancellationToken cancellationToken = default)
    {
        var publish = new OutboundPublish(topic, default, payload, qos, Retain: false);
        return _connection is { IsOpen: true } connection && connection.TryPublish(publish, pipelined: true, flush, out _)
            ? default
            : SendSlowAsync(publish, cancellationToken);
    }

    /// <summary>Sends what <see cref="SendAsync"/> has written without a flush; returns at once.</summary>
    public void Flush() => _connection?.Output.Flush();

    /// <summary>Sends what is written and completes when every message is acknowledged.</summary>
    /// <exception cref="MqttConnectionLostException">The connection ended first, and the session is not kept.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        if (_connection is not { } connection) return;
        if (!connection.IsOpen && !_options.KeepsSession) throw new MqttConnectionLostException(connection.Failure?.Message ?? "The connection is lost.", connection.Failure!);
        connection.Output.Flush();
        await _session.Window.DrainAsync(cancellationToken).ConfigureAwait(false);
        if (!connection.IsOpen && !_options.KeepsSession) throw new MqttConnectionLostException(connection.Failure?.Message ?? "The connection is lost.", connection.Failure!);
    }

    /// <summary>
    /// Subscribes. The handler is called for one message at a time, in order; QoS 1 is acknowledged after it. While it runs, the client
    /// buffers <see cref="MqttClientOptions.MaxReceived"/> messages and then stops reading, so a handler should not wait for long.
    /// </summary>
    /// <returns>The granted QoS.</returns>
    /// <exception cref="MqttProtocolException">The server refused the subscription.</exception>
    public async Task<MqttQoS> SubscribeAsync(
        MqttSubscription subscription, Func<MqttMessage, CancellationToken, ValueTask> handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return await SubscribeAsync(new Registration(subscription, handler, null), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="SubscribeAsync(MqttSubscription, Func{MqttMessage, CancellationToken, ValueTask}, CancellationToken)"/>
    public Task<MqttQoS> SubscribeAsync(
        string filter, MqttQoS qos, Func<MqttMessage, CancellationToken, ValueTask> handler, CancellationToken cancellationToken = default) =>
        SubscribeAsync(new MqttSubscription(filter, qos), handler, cancellationToken);

    /// <summary>
    /// Subscribes with manual acknowledgement. The handler is called for one message at a time, in order, and should hand the delivery over to whoever
    /// acknowledges it. Messages without an acknowledgement are bounded by <see cref="MqttClientOptions.MaxReceived"/>: a v5 server keeps to it,
    /// from a 3.1.1 server the client stops reading.
    /// </summary>
    /// <inheritdoc cref="SubscribeAsync(MqttSubscription, Func{MqttMessage, CancellationToken, ValueTask}, CancellationToken)"/>
    public Task<MqttQoS> SubscribeManuallyAsync(MqttSubscription subscription, Action<MqttDelivery> handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return SubscribeAsync(new Registration(subscription, null, handler), cancellationToken);
    }

    /// <summary>Subscribes for <see cref="MqttClientOptions.Receiver"/>, which gets everything that comes.</summary>
    /// <inheritdoc cref="SubscribeAsync(MqttSubscription, Func{MqttMessage, CancellationToken, ValueTask}, CancellationToken)"/>
    public Task<MqttQoS> SubscribeAsync(MqttSubscription subscription, CancellationToken cancellationToken = default)
    {
        if (_options.Receiver is null) throw new InvalidOperationException($"Who gets the messages? Set {nameof(MqttClientOptions)}.{nameof(MqttClientOptions.Receiver)}, or give a handler.");
        return SubscribeAsync(new Registration(subscription, null, null), cancellationToken);
    }

    /// <summary>Ends a subscription.</summary>
    public async Task UnsubscribeAsync(string filter, CancellationToken cancellationToken = default)
    {
        var connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
        await connection.RequestAsync((output, id) => new UnsubscribePacket(id, [filter]).Write(output, _options.Version), cancellationToken).ConfigureAwait(false);
        _subscriptions.TryRemove(filter, out _);
    }

    /// <summary>Sends DISCONNECT and closes; ends reconnecting.</summary>
    public async Task DisconnectAsync(MqttReasonCode reason = MqttReasonCode.Success)
    {
        await _closed.CancelAsync().ConfigureAwait(false);
        await _supervisor.ConfigureAwait(false);
        if (_connection is { } connection) await connection.CloseAsync(reason).ConfigureAwait(false);
        _session.Window.Fail(new MqttConnectionLostException($"The client disconnected from {_options.Host}:{_options.Port}."));
    }

    /// <summary>Closes; with a DISCONNECT when still connected.</summary>
    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync().ConfigureAwait(false);
        _closed.Dispose();
    }

    private async ValueTask SendSlowAsync(OutboundPublish publish, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (!connection.TryPublish(publish, pipelined: true, flush: true, out _))
                {
                    await connection.PublishAsync(publish, pipelined: true, cancellationToken).ConfigureAwait(false);
                }

                return;
            }
            catch (MqttConnectionLostException) when (_options.KeepsSession && !_closed.IsCancellationRequested)
            {
                // Nothing was written; the next connection takes it.
            }
        }
    }

    /// <summary>
    /// Writes messages of QoS 1 and 2 in the order in which they were asked for (MQTT-4.6.0-1), also when several wait for a place: places come back several at a time, and those
    /// who wait for them would go on in any order.
    /// </summary>
    private ValueTask<ValueTask<MqttReasonCode>> BeginAsync(in OutboundPublish publish, CancellationToken cancellationToken)
    {
        if (publish.QoS == MqttQoS.AtMostOnce) return BeginOneAsync(publish, cancellationToken);
        if (Volatile.Read(ref _queued) == 0 && _connection is { IsOpen: true } connection)
        {
            try
            {
                if (connection.TryPublish(publish, pipelined: false, flush: true, out var acknowledged)) return new(acknowledged);
            }
            catch (MqttConnectionLostException) when (_options.KeepsSession)
            {
                // Nothing was written; the next connection takes it.
            }
        }

        Interlocked.Increment(ref _queued);
        return BeginInTurnAsync(publish, cancellationToken);
    }

    private async ValueTask<ValueTask<MqttReasonCode>> BeginInTurnAsync(OutboundPublish publish, CancellationToken cancellationToken)
    {
        try
        {
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await BeginOneAsync(publish, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _queued);
        }
    }

    /// <summary>Writes the message, to the next connection when this one ends before.</summary>
    private async ValueTask<ValueTask<MqttReasonCode>> BeginOneAsync(OutboundPublish publish, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return connection.TryPublish(publish, pipelined: false, flush: true, out var acknowledged)
                    ? acknowledged
                    : await connection.PublishAsync(publish, pipelined: false, cancellationToken).ConfigureAwait(false);
            }
            catch (MqttConnectionLostException) when (_options.KeepsSession && !_closed.IsCancellationRequested)
            {
                // Nothing was written; the next connection takes it.
            }
        }
    }

    private async ValueTask<ClientConnection> ConnectionAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_connection is { IsOpen: true } connection) return connection;
            if (_stopped is { } stopped) throw new MqttConnectionLostException(stopped.Message, stopped) { ReasonCode = stopped.ReasonCode };
            if (!_options.Reconnect || _closed.IsCancellationRequested || _connection is null)
            {
                throw new MqttConnectionLostException(
                    _connection is null ? "The client is not connected; call ConnectAsync first." : $"The connection to {_options.Host}:{_options.Port} is lost.",
                    _connection?.Failure!);
            }

            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
            await Volatile.Read(ref _connected).Task.WaitAsync(both.Token).ConfigureAwait(false);

            // The wish may have been granted by the connection that was just lost; then its supervisor arms a new one.
            if (_connection is { IsOpen: false }) await Task.Yield();
        }
    }

    private async Task<MqttQoS> SubscribeAsync(Registration registration, CancellationToken cancellationToken)
    {
        var filter = registration.Subscription.Filter;
        if (MqttTopic.CheckFilter(Encoding.UTF8.GetBytes(filter)) is { } violation) throw new ArgumentException(violation.Message, nameof(registration));
        if (!SharedFilter.TrySplit(filter, out _, out _))
        {
            throw new ArgumentException($"'{filter}' is not a shared subscription; write $share/group/filter, the group without + and #.", nameof(registration));
        }

        var connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
        _subscriptions[filter] = registration;
        var accepted = false;
        try
        {
            var reason = await SubscribeAsync(connection, registration.Subscription, cancellationToken).ConfigureAwait(false);
            accepted = (byte)reason < 0x80;
            return accepted ? (MqttQoS)reason : throw new MqttProtocolException($"The MQTT broker refused the subscription to {filter} with 0x{(byte)reason:X2} {reason}.");
        }
        catch (MqttConnectionLostException) when (_options.Reconnect)
        {
            // The reconnect subscribes.
            accepted = true;
            throw;
        }
        finally
        {
            if (!accepted) _subscriptions.TryRemove(filter, out _);
        }
    }

    private async Task<MqttReasonCode> SubscribeAsync(ClientConnection connection, MqttSubscription subscription, CancellationToken cancellationToken)
    {
        if (connection.Limits.Refuse(subscription) is { } refusal) throw new MqttProtocolException(refusal);
        var reasons = await connection.RequestAsync(
            (output, id) => new SubscribePacket(id, [subscription]).Write(output, _options.Version), cancellationToken).ConfigureAwait(false);
        return reasons.Count == 1 ? reasons[0] : MqttReasonCode.ProtocolError;
    }
}
