using System.Globalization;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>
/// Plays a recording to a broker. Event times are all moved by the same amount, so that windows come out as they were: the recording's end becomes the
/// replay's end, or for a replay slower than the recording its beginning the replay's beginning. So nothing is ever ahead of the clock.
/// </summary>
public sealed class Replayer(ReplayOptions options, string path, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _sent;
    private long _awaited;
    private long _refused;
    private long _acknowledged;

    public long Total { get; private set; }

    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Messages with an acknowledgement of success; those of QoS 0 have none.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Messages of QoS 1 and 2 that were sent and have no answer yet; at the end of a run, that had none.</summary>
    public long Unanswered => Math.Max(0, Interlocked.Read(ref _awaited) - Acknowledged - Refused);

    /// <summary>Messages without a <c>ts</c> that could be moved.</summary>
    public long Unmoved { get; private set; }

    /// <summary>Bytes of the file that belong to no sound frame.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>How far event times are moved.</summary>
    public TimeSpan Shift { get; private set; }

    /// <summary>Plays to the end, or until cancelled; messages under way are waited for in both cases.</summary>
    /// <exception cref="ArgumentException">The file is no recording, or has no messages.</exception>
    /// <exception cref="MqttConnectException">The broker cannot be reached, or refuses.</exception>
    /// <exception cref="MqttConnectionLostException">The connection ended meanwhile.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        options.Validate();
        var span = RecordingReader.Span(path) ?? throw new ArgumentException($"{path} has no messages.");
        var length = TimeSpan.FromMicroseconds(span.LastUs - span.FirstUs);
        if (options.Speed is { } asked && length.TotalSeconds / asked > CityRunOptions.Longest.TotalSeconds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"--speed {asked} would take {length.TotalDays / asked:G3} days for {length.TotalSeconds:G6} s of recording; {CityRunOptions.Longest.TotalDays:0} days are the most, so write at least {length / CityRunOptions.Longest * 1.01:G2}."));
        }

        Total = span.Messages;
        await using var client = new MqttClient(options.Client with { MaxInFlight = 1024, OnAcknowledged = OnAcknowledged, Time = _time });
        await client.ConnectAsync(stop).ConfigureAwait(false);
        var started = _time.GetTimestamp();
        Shift = options.ShiftTime ? ShiftOf(span.FirstUs, span.LastUs, length) : TimeSpan.Zero;
        using var reader = new RecordingReader(path);
        try
        {
            while (reader.Read() is { } message)
            {
                stop.ThrowIfCancellationRequested();
                if (options.Speed is { } speed) await WaitAsync(client, started, TimeSpan.FromMicroseconds((message.ArrivalUs - span.FirstUs) / speed), stop).ConfigureAwait(false);
                await SendAsync(client, message, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The caller has the counts.
        }

        DamagedBytes = reader.DamagedBytes;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), _time);

        // Who pressed Ctrl+C wants the summary now.
        using var hurry = stop.Register(() => patience.CancelAfter(TimeSpan.FromSeconds(1)));
        try
        {
            await client.DrainAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What has no acknowledgement shows in the counts.
        }
    }

    private TimeSpan ShiftOf(long firstUs, long lastUs, TimeSpan length)
    {
        var nowUs = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMicroseconds;
        var toEnd = options.Speed is { } speed ? nowUs + (length.TotalMicroseconds / speed) - lastUs : nowUs - lastUs;

        // Whole milliseconds: a number of a payload has no others.
        return TimeSpan.FromMilliseconds(Math.Floor(Math.Min(toEnd, nowUs - firstUs) / 1000));
    }

    private async Task WaitAsync(MqttClient client, long started, TimeSpan due, CancellationToken stop)
    {
        var wait = due - _time.GetElapsedTime(started);
        if (wait < TimeSpan.FromMilliseconds(1)) return;
        client.Flush();
        await Task.Delay(wait, _time, stop).ConfigureAwait(false);
    }

    private async ValueTask SendAsync(MqttClient client, RecordedMessage message, CancellationToken stop)
    {
        var payload = message.Payload;
        if (options.ShiftTime)
        {
            payload = TimeShift.Apply(payload, (long)Shift.TotalMilliseconds, out var moved);
            if (moved == 0) Unmoved++;
        }

        var qos = options.QoS ?? (MqttQoS)message.QoS;
        await client.SendAsync(message.Topic, payload, qos, flush: (_sent & 15) == 15, stop).ConfigureAwait(false);
        if (qos != MqttQoS.AtMostOnce) Interlocked.Increment(ref _awaited);
        Interlocked.Increment(ref _sent);
    }

    private void OnAcknowledged(MqttAcknowledgement acknowledgement)
    {
        if ((byte)acknowledgement.ReasonCode < 0x80) Interlocked.Increment(ref _acknowledged);
        else Interlocked.Increment(ref _refused);
    }
}
