namespace SmartCity.Mqtt;

/// <content>Coming back after a lost connection.</content>
public sealed partial class MqttClient
{
    private async Task<ClientConnection> OpenAsync(CancellationToken cancellationToken)
    {
        // A server that once gave a client identifier knows the session by it.
        var options = _assignedId is { } assigned ? _options with { ClientId = assigned } : _options;
        var connection = await ClientConnection.OpenAsync(options, _session, DispatchAsync, cancellationToken).ConfigureAwait(false);
        _assignedId = connection.ConnAck.Properties?.AssignedClientIdentifier ?? _assignedId;
        _connection = connection;
        connection.Start();
        return connection;
    }

    private async Task<ClientConnection> OpenFirstAsync(CancellationToken cancellationToken)
    {
        var bound = _options.ReconnectMinDelay;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        while (true)
        {
            try
            {
                return await OpenAsync(both.Token).ConfigureAwait(false);
            }
            catch (MqttConnectException e) when (_options.RetryFirstConnect)
            {
                Failed(e);
            }

            bound = await DelayAsync(bound, both.Token).ConfigureAwait(false);
        }
    }

    private async Task SuperviseAsync()
    {
        try
        {
            while (true)
            {
                var connection = _connection!;
                await connection.Ended.WaitAsync(_closed.Token).ConfigureAwait(false);
                Volatile.Write(ref _connected, new(TaskCreationOptions.RunContinuationsAsynchronously));
                var failure = connection.Failure ?? new MqttConnectionLostException("The connection ended.");
                await connection.DisposeAsync().ConfigureAwait(false);
                if (failure is MqttConnectionLostException { ReasonCode: MqttReasonCode.SessionTakenOver })
                {
                    Stop(failure);
                    return;
                }

                _logger.ClientLost(_options.Host, _options.Port, failure.Message);
                Changed(MqttConnectionState.Lost, failure);
                await ReconnectAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            // The client was closed.
        }
    }

    /// <summary>Two clients with one identifier would push each other out for ever; the one that was pushed out gives way.</summary>
    private void Stop(Exception failure)
    {
        _logger.ClientTakenOver(ClientId, _options.Host, _options.Port);
        var stopped = new MqttConnectionLostException(
            $"Another client has connected to {_options.Host}:{_options.Port} as '{ClientId}' and taken the session over. Give each client an identifier of its own.", failure)
        {
            ReasonCode = MqttReasonCode.SessionTakenOver,
        };
        _stopped = stopped;
        _connected.TrySetException(stopped);
        _ = _connected.Task.Exception; // seen, should nobody wait
        _session.Window.Fail(stopped);
        Changed(MqttConnectionState.Stopped, stopped);
    }

    private async Task ReconnectAsync()
    {
        var bound = _options.ReconnectMinDelay;
        while (true)
        {
            bound = await DelayAsync(bound, _closed.Token).ConfigureAwait(false);
            ClientConnection? connection = null;
            try
            {
                connection = await OpenAsync(_closed.Token).ConfigureAwait(false);
                if (!connection.ConnAck.SessionPresent) await SubscribeAgainAsync(connection).ConfigureAwait(false);
                Interlocked.Increment(ref _reconnects);
                _connected.TrySetResult();
                Changed(MqttConnectionState.Connected, null);
                return;
            }
            catch (IOException e)
            {
                Failed(e);
                if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task SubscribeAgainAsync(ClientConnection connection)
    {
        foreach (var registration in _subscriptions.Values)
        {
            var reason = await SubscribeAsync(connection, registration.Subscription, _closed.Token).ConfigureAwait(false);
            if ((byte)reason >= 0x80) _logger.ClientSubscriptionLost(registration.Subscription.Filter, _options.Host, _options.Port, reason);
        }
    }

    /// <summary>Full jitter: thousands of devices that lost the same server must not come back in step.</summary>
    /// <returns>The next bound.</returns>
    private async Task<TimeSpan> DelayAsync(TimeSpan bound, CancellationToken cancellationToken)
    {
        await Task.Delay(bound * Random.Shared.NextDouble(), _options.Time, cancellationToken).ConfigureAwait(false);
        return bound * 2 < _options.ReconnectMaxDelay ? bound * 2 : _options.ReconnectMaxDelay;
    }

    private void Failed(Exception e)
    {
        _logger.ClientReconnectFailed(_options.Host, _options.Port, e.Message);
        Changed(MqttConnectionState.Failed, e);
    }

    private void Changed(MqttConnectionState state, Exception? failure) => _options.OnConnectionChanged?.Invoke(state, failure);
}
