using System.Text;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>Writes what a broker delivers for a topic filter into a recording. A broker that goes away is waited for.</summary>
/// <param name="options">Broker and credentials.</param>
/// <param name="filter">Topic filter, such as <c>city/#</c>.</param>
/// <param name="qos">Asked for; a broker delivers at most what the publisher used.</param>
public sealed class Recorder(MqttClientOptions options, string filter, MqttQoS qos, RecordingWriter writer, TimeProvider? time = null)
{
    private static readonly TimeSpan s_flushEvery = TimeSpan.FromSeconds(1);
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _refused;

    /// <summary>How long to record from the subscription on; null: until cancelled.</summary>
    public TimeSpan? Length { get; init; }

    /// <summary>Messages that were too large for a recording.</summary>
    public long LeftOut => Interlocked.Read(ref _refused);

    /// <summary>How often the connection was lost and made again; messages of QoS 0 of that time are missing.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Records until cancelled, or until so many messages are there. What was recorded is on disk when it returns, and a second after its arrival at the latest.</summary>
    /// <param name="messages">Ends after so many; 0: never.</param>
    /// <exception cref="MqttConnectException">The broker cannot be reached at the start, or refuses.</exception>
    /// <exception cref="MqttProtocolException">The broker refuses the subscription.</exception>
    public async Task RunAsync(long messages, CancellationToken stop)
    {
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var client = new MqttClient(options with { Reconnect = true, Time = _time });
        await client.ConnectAsync(stop).ConfigureAwait(false);
        await client.SubscribeAsync(filter, qos, Take, stop).ConfigureAwait(false);
        using var end = Length is { } length ? new CancellationTokenSource(length, _time) : new();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(end.Token, stop);
        try
        {
            using var timer = new PeriodicTimer(s_flushEvery, _time);
            while (!full.Task.IsCompleted)
            {
                var tick = timer.WaitForNextTickAsync(both.Token).AsTask();
                await (await Task.WhenAny(tick, full.Task).ConfigureAwait(false)).ConfigureAwait(false);
                Reconnects = client.Reconnects;
                writer.Flush();
            }
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            // The usual end.
        }

        await client.DisconnectAsync().ConfigureAwait(false);
        writer.Flush();

        ValueTask Take(MqttMessage message, CancellationToken cancellationToken)
        {
            if (full.Task.IsCompleted) return default;
            try
            {
                var us = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
                writer.Add(new(us, Encoding.UTF8.GetBytes(message.Topic), message.Payload, (byte)message.QoS, message.Retain));
                if (messages > 0 && writer.Messages >= messages) full.TrySetResult();
            }
            catch (ArgumentException)
            {
                Interlocked.Increment(ref _refused);
            }
            catch (Exception e)
            {
                // A full disk ends the recording with its reason.
                full.TrySetException(e);
            }

            return default;
        }
    }
}
