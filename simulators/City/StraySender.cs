using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>Sends single messages over connections of their own that go wrong on purpose: with an old password, or larger than the broker takes. A few at a time.</summary>
internal sealed class StraySender(MqttClientOptions endpoint, MqttQoS qos, Action<TruthRecord> settled, TimeProvider clock) : IDisposable
{
    private const int MaxAtOnce = 4;

    // Who ends the run wants the truth now.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _room = new(MaxAtOnce);
    private int _number;

    public void Dispose() => _room.Dispose();

    /// <summary>Waits for a place, then sends in the background.</summary>
    public async ValueTask SendAsync(FaultyMessage message, CancellationToken stop)
    {
        try
        {
            await _room.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            settled(TruthRecord.From(message, TruthOutcome.Lost, 0, 0, 0));
            throw;
        }

        _ = SendOneAsync(message, ++_number, stop);
    }

    /// <summary>Completes when nothing is under way.</summary>
    public async Task WhenIdleAsync()
    {
        for (var i = 0; i < MaxAtOnce; i++) await _room.WaitAsync().ConfigureAwait(false);
        _room.Release(MaxAtOnce);
    }

    private async Task SendOneAsync(FaultyMessage message, int number, CancellationToken stop)
    {
        var stale = message.Route == SendRoute.StaleCredentials;
        var sentMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var outcome = TruthOutcome.Unknown;
        var tries = 0;
        using var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        using var hurry = stop.Register(() => end.CancelAfter(s_patience));
        try
        {
            var options = endpoint with { ClientId = $"city-stray-{Environment.ProcessId}-{number}", Time = clock };

            // A 3.1.1 server cannot tell its largest packet, so the client does not refuse to send it.
            options = stale ? options with { UserName = $"device-{message.Device}", Password = "password-of-last-year" } : options with { Version = MqttProtocolVersion.V311 };
            await using var client = new MqttClient(options);
            await client.ConnectAsync(end.Token).ConfigureAwait(false);
            tries = 1;
            var reason = await client.PublishAsync(System.Text.Encoding.UTF8.GetString(message.Topic), message.Payload, qos, cancellationToken: end.Token).AsTask().WaitAsync(end.Token).ConfigureAwait(false);
            outcome = (byte)reason >= 0x80 ? TruthOutcome.Refused : qos == MqttQoS.AtMostOnce ? TruthOutcome.Unknown : TruthOutcome.Acknowledged;
        }
        catch (Exception e) when (e is MqttConnectException or MqttConnectionLostException or MqttProtocolException)
        {
            if (tries == 0) outcome = TruthOutcome.Refused;
        }
        catch (OperationCanceledException)
        {
            if (tries == 0) outcome = TruthOutcome.Lost;
        }
        finally
        {
            // A PUBACK says that the platform has it; without one it may have it.
            settled(TruthRecord.From(message, outcome, tries, outcome == TruthOutcome.Lost ? 0 : sentMs, outcome == TruthOutcome.Acknowledged ? clock.GetUtcNow().ToUnixTimeMilliseconds() : 0));
            _room.Release();
        }
    }
}
