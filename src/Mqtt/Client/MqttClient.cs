using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Mqtt;

/// <summary>
/// An MQTT 3.1.1 and 5.0 client over TCP, TLS and WebSocket. Thread-safe. Publishing of QoS 1 and 2 is bounded by <see cref="MqttClientOptions.MaxInFlight"/>.
/// With <see cref="MqttClientOptions.Reconnect"/> it comes back by itself; messages without an acknowledgement then fail with
/// <see cref="MqttConnectionLostException"/>, and sending them again is the caller's choice.
/// </summary>
public sealed class MqttClient : IAsyncDisposable
{
    private readonly MqttClientOptions _options;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, Registration> _subscriptions = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closed = new();
    private TaskCompletionSource<ClientConnection> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClientConnection? _connection;
    private Task _supervisor = Task.CompletedTask;
    private int _reconnects;

    public MqttClient(MqttClientOptions options)
    {
        _options = options;
        _logger = options.Logger ?? NullLogger.Instance;
    }

    public bool IsConnected => _connection is { IsOpen: true };

    /// <summary>The server's CONNACK; null before the first connect.</summary>
    public ConnAckPacket? ConnAck => _connection?.ConnAck;

    /// <summary>The client identifier in use: the server's when it assigned one.</summary>
    public string ClientId => ConnAck?.Properties?.AssignedClientIdentifier ?? _options.ClientId;

    /// <summary>How often the client has come back after a lost connection.</summary>
    public int Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>Why the last connection ended; null while there is one.</summary>
    public Exception? Failure => _connection?.Failure;

    /// <summary>Ends when the present connection has ended.</summary>
    public Task WhenDisconnected => _connection?.Ended ?? Task.CompletedTask;

    /// <summary>Connects.</summary>
    /// <exception cref="MqttConnectException">Not reachable, no answer, or refused; the message names host, port and reason.</exception>
    public async Task<ConnAckPacket> ConnectAsync(CancellationToken cancellationToken = default)
    {
        if (IsConnected) throw new InvalidOperationException("The client is connected already.");
        var connection = await OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        if (_options.Reconnect) _supervisor = SuperviseAsync();
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
        var connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
        if (!connection.TryPublish(publish, pipelined: false, flush: true, out var acknowledged))
        {
            acknowledged = await connection.PublishAsync(publish, pipelined: false, cancellationToken).ConfigureAwait(false);
        }

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

    /// <summary>Sends what is written and completes when every message of this connection is acknowledged.</summary>
    public Task DrainAsync(CancellationToken cancellationToken = default) => _connection?.DrainAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>
    /// Subscribes. The handler is called for one message at a time, in order; QoS 1 is acknowledged after it. While it runs, the client
    /// buffers <see cref="MqttClientOptions.MaxReceived"/> messages and then stops reading, so a handler should not wait for long.
    /// </summary>
    /// <returns>The granted QoS.</returns>
    /// <exception cref="MqttProtocolException">The server refused the subscription.</exception>
    public async Task<MqttQoS> SubscribeAsync(
        MqttSubscription subscription, Func<MqttMessage, CancellationToken, ValueTask> handler, CancellationToken cancellationToken = default)
    {
        if (MqttTopic.CheckFilter(Encoding.UTF8.GetBytes(subscription.Filter)) is { } violation) throw new ArgumentException(violation.Message, nameof(subscription));
        if (!SharedFilter.TrySplit(subscription.Filter, out _, out _))
        {
            throw new ArgumentException($"'{subscription.Filter}' is not a shared subscription; write $share/group/filter, the group without + and #.", nameof(subscription));
        }

        _subscriptions[subscription.Filter] = new(subscription, handler);
        var connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
        var reason = await SubscribeAsync(connection, subscription, cancellationToken).ConfigureAwait(false);
        if ((byte)reason < 0x80) return (MqttQoS)reason;
        _subscriptions.TryRemove(subscription.Filter, out _);
        throw new MqttProtocolException($"The MQTT broker refused the subscription to {subscription.Filter} with 0x{(byte)reason:X2} {reason}.");
    }

    /// <inheritdoc cref="SubscribeAsync(MqttSubscription, Func{MqttMessage, CancellationToken, ValueTask}, CancellationToken)"/>
    public Task<MqttQoS> SubscribeAsync(
        string filter, MqttQoS qos, Func<MqttMessage, CancellationToken, ValueTask> handler, CancellationToken cancellationToken = default) =>
        SubscribeAsync(new MqttSubscription(filter, qos), handler, cancellationToken);

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
    }

    /// <summary>Closes; with a DISCONNECT when still connected.</summary>
    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync().ConfigureAwait(false);
        _closed.Dispose();
    }

    private async ValueTask SendSlowAsync(OutboundPublish publish, CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
        await connection.PublishAsync(publish, pipelined: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ClientConnection> OpenAsync(MqttClientOptions options, CancellationToken cancellationToken)
    {
        var connection = await ClientConnection.OpenAsync(options, DispatchAsync, cancellationToken).ConfigureAwait(false);
        connection.Start();
        _connection = connection;
        _connected.TrySetResult(connection);
        return connection;
    }

    private async ValueTask<ClientConnection> ConnectionAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_connection is { IsOpen: true } connection) return connection;
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

    private async Task SuperviseAsync()
    {
        try
        {
            while (true)
            {
                await _connection!.Ended.WaitAsync(_closed.Token).ConfigureAwait(false);
                Volatile.Write(ref _connected, new(TaskCreationOptions.RunContinuationsAsynchronously));
                _logger.ClientLost(_options.Host, _options.Port, _connection.Failure?.Message ?? "unknown");
                await _connection.DisposeAsync().ConfigureAwait(false);
                await ReconnectAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            // The client was closed.
        }
    }

    private async Task ReconnectAsync()
    {
        var delay = _options.ReconnectMinDelay;
        while (true)
        {
            // Full jitter: thousands of devices that lost the same server must not come back in step.
            await Task.Delay(delay * Random.Shared.NextDouble(), _options.Time, _closed.Token).ConfigureAwait(false);
            ClientConnection? connection = null;
            try
            {
                connection = await OpenAsync(_options, _closed.Token).ConfigureAwait(false);
                Interlocked.Increment(ref _reconnects);
                if (!connection.ConnAck.SessionPresent)
                {
                    foreach (var registration in _subscriptions.Values) await SubscribeAsync(connection, registration.Subscription, _closed.Token).ConfigureAwait(false);
                }

                return;
            }
            catch (IOException e)
            {
                _logger.ClientReconnectFailed(_options.Host, _options.Port, e.Message);
                if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
            }

            delay = delay * 2 < _options.ReconnectMaxDelay ? delay * 2 : _options.ReconnectMaxDelay;
        }
    }

    private async Task<MqttReasonCode> SubscribeAsync(ClientConnection connection, MqttSubscription subscription, CancellationToken cancellationToken)
    {
        var reasons = await connection.RequestAsync(
            (output, id) => new SubscribePacket(id, [subscription]).Write(output, _options.Version), cancellationToken).ConfigureAwait(false);
        return reasons.Count == 1 ? reasons[0] : MqttReasonCode.ProtocolError;
    }

    private async ValueTask DispatchAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        foreach (var registration in _subscriptions.Values)
        {
            if (!MqttTopic.Matches(registration.TopicFilter, message.Topic)) continue;
            try
            {
                await registration.Handler(message, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Not acknowledging would bring the same message, and the same exception, for ever.
                _logger.ClientHandlerFailed(e, message.Topic);
            }
        }
    }

    private sealed record Registration(MqttSubscription Subscription, Func<MqttMessage, CancellationToken, ValueTask> Handler)
    {
        /// <summary>What topics are compared with: of a shared subscription, the part behind the group.</summary>
        public string TopicFilter { get; } = SharedFilter.TrySplit(Subscription.Filter, out _, out var inner) ? inner : Subscription.Filter;
    }
}
