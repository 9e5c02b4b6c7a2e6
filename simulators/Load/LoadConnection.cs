using System.Diagnostics;
using System.Net;
using System.Numerics;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>One connection of a load run. One sender at a time; acknowledgements come on the client's read loop.</summary>
[DebuggerDisplay("{Sent} sent, {Acknowledged} acknowledged")]
internal sealed class LoadConnection : IAsyncDisposable
{
    private readonly LoadOptions _options;
    private readonly LoadPayload _payload;
    private readonly LatencyHistogram _latency;
    private readonly DeliveryMeter? _delivery;
    private readonly TimeProvider _time;
    private readonly MqttClient _client;

    // When what is under way was due. Acknowledgements come in the order of their PUBLISHes (MQTT-4.6.0-2), so a ring is enough; one more waits for a place.
    private readonly long[]? _dues;
    private long _dueHead;
    private long _dueTail;
    private ulong _random;

    /// <param name="delivery">Is told of every message; null: nobody subscribes.</param>
    public LoadConnection(LoadOptions options, int index, LatencyHistogram latency, DeliveryMeter? delivery, TimeProvider time)
    {
        _options = options;
        _payload = new(options.PayloadSize);
        _latency = latency;
        _delivery = delivery;
        _time = time;
        _random = (((ulong)index + 1) * 0x9E3779B97F4A7C15UL) | 1;
        if (options.Rate is not null && options.QoS > 0) _dues = new long[BitOperations.RoundUpToPowerOf2((uint)options.InFlight + 2)];
        _client = new(options.Client($"load-{Environment.ProcessId}-{index}", index) with
        {
            MaxInFlight = options.QoS == MqttQoS.AtMostOnce ? 1 : options.InFlight,
            Time = time,
            OnAcknowledged = OnAcknowledged,
        });
    }

    public long Sent { get; private set; }

    public long Acknowledged { get; private set; }

    public long Refused { get; private set; }

    /// <summary>Its place among the connections of its <see cref="LoadSchedule"/>.</summary>
    public int Turn { get; init; }

    /// <summary>True while it is in the list of those that owe messages.</summary>
    public bool IsBehind { get; set; }

    /// <summary>At a given rate: messages that were due so far.</summary>
    public long Due { get; set; }

    /// <summary>At a given rate: messages that were handed to the client, whether or not they are written yet.</summary>
    public long Begun { get; set; }

    /// <summary>At a given rate: the message that waits for the broker; null when there is room.</summary>
    public Task? Waiting { get; private set; }

    /// <summary>Why it ended before it should; null while it is well.</summary>
    public Exception? Loss { get; private set; }

    public Task ConnectAsync(CancellationToken cancellationToken) => _client.ConnectAsync(cancellationToken);

    /// <summary>Closed loop: sends batches until there are none, waiting for a place in the window before each message.</summary>
    /// <param name="take">Takes up to so many messages; answers how many there are.</param>
    public async Task SendAllAsync(LoadKeys keys, int index, int batch, Func<int, int> take, CancellationToken stop)
    {
        var number = (long)index;
        try
        {
            // Who subscribes knows a message by its number.
            while (!stop.IsCancellationRequested && (_delivery is null || number + ((long)batch * _options.Connections) <= LoadPayload.Most) && take(batch) is var count and > 0)
            {
                var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
                for (var i = 1; i <= count; i++, number += _options.Connections)
                {
                    var topic = keys.Topic(number, ref _random);
                    _delivery?.Sending(number, _time.GetTimestamp());
                    await _client.SendAsync(topic, _payload.Make(now, number), _options.QoS, flush: i == count, stop).ConfigureAwait(false);
                    Sent++;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The message that waited for a place was not written.
        }
        catch (MqttConnectionLostException e)
        {
            Loss = e;
        }
    }

    /// <summary>At a given rate: begins one message. <see cref="Waiting"/> is set when the broker leaves no room; then nothing more may be begun.</summary>
    /// <param name="due">Timestamp at which it was due.</param>
    public void Begin(LoadKeys keys, long number, long due, long nowMs, bool flush, CancellationToken stop)
    {
        Begun++;
        if (_dues is not null) _dues[_dueHead++ & (_dues.Length - 1)] = due;
        try
        {
            var topic = keys.Topic(number, ref _random);
            _delivery?.Sending(number, due);
            var sending = _client.SendAsync(topic, _payload.Make(nowMs, number), _options.QoS, flush, stop);
            if (sending.IsCompletedSuccessfully) Written(due);
            else Waiting = AwaitAsync(sending.AsTask(), due);
        }
        catch (MqttConnectionLostException e)
        {
            Loss = e;
        }
    }

    /// <summary>True when the next message may be begun.</summary>
    public bool IsReady()
    {
        if (Waiting is { IsCompleted: false }) return false;
        Waiting = null;
        return Loss is null;
    }

    /// <summary>Waits until the broker has answered for all messages. QoS 0 has no acknowledgement: the answer to a request behind the last message shows that it has read them.</summary>
    public async Task DrainAsync(CancellationToken stop)
    {
        if (Loss is not null) return;
        try
        {
            if (Waiting is { } waiting) await waiting.WaitAsync(stop).ConfigureAwait(false);
            await _client.DrainAsync(stop).ConfigureAwait(false);
            if (_options.QoS != MqttQoS.AtMostOnce) return;
            await _client.UnsubscribeAsync("load/barrier", stop).ConfigureAwait(false);
            Acknowledged = Sent;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What has no answer by now is counted as such.
        }
        catch (MqttConnectionLostException e)
        {
            Loss = e;
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task AwaitAsync(Task sending, long due)
    {
        try
        {
            await sending.ConfigureAwait(false);
            Written(due);
        }
        catch (MqttConnectionLostException e)
        {
            Loss = e;
        }
        catch (OperationCanceledException)
        {
            // Not written.
        }
    }

    private void Written(long due)
    {
        Sent++;
        if (_options.QoS == MqttQoS.AtMostOnce) _latency.Add(_time.GetElapsedTime(due));
    }

    private void OnAcknowledged(MqttAcknowledgement acknowledgement)
    {
        _latency.Add(_dues is null ? acknowledgement.Elapsed : _time.GetElapsedTime(_dues[_dueTail++ & (_dues.Length - 1)]));
        if ((byte)acknowledgement.ReasonCode < 0x80) Acknowledged++;
        else Refused++;
    }
}
