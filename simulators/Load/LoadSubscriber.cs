using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>One connection that gets the messages of some units back and tells the meter. Nothing is allocated per message.</summary>
internal sealed class LoadSubscriber : IPublishHandler, IAsyncDisposable
{
    private readonly DeliveryMeter _meter;
    private readonly MqttClient _client;
    private readonly MqttQoS _qos;
    private readonly IReadOnlyList<string> _filters;

    /// <param name="filters">No other subscriber may have one of these.</param>
    public LoadSubscriber(LoadOptions options, int index, IReadOnlyList<string> filters, DeliveryMeter meter, TimeProvider time)
    {
        (_meter, _filters, _qos) = (meter, filters, options.QoS);
        _client = new(options.Client($"load-{Environment.ProcessId}-subscriber-{index}", index) with { Receiver = this, MaxReceived = ushort.MaxValue, Time = time });
    }

    /// <summary>Written by this subscriber alone.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Why it ended before it should; null while it is well.</summary>
    public Exception? Failure => _client.IsConnected ? null : _client.Failure;

    /// <exception cref="MqttConnectException">The broker cannot be reached, or refuses.</exception>
    /// <exception cref="MqttProtocolException">The broker refuses the subscription.</exception>
    public async Task StartAsync(CancellationToken stop)
    {
        await _client.ConnectAsync(stop).ConfigureAwait(false);
        foreach (var filter in _filters) await _client.SubscribeAsync(new MqttSubscription(filter, _qos), stop).ConfigureAwait(false);
    }

    /// <summary>Nothing more arrives when it returns.</summary>
    public Task StopAsync() => _client.DisconnectAsync();

    public PublishResult Accept(in InboundPublish publish)
    {
        // Retained copies are of an earlier run.
        if (!publish.Retain && LoadKeys.IsKey(publish.Topic) && LoadPayload.Number(publish.Payload) is { } number) _meter.Arrived(number, Latency);
        else _meter.Foreign();
        return PublishResult.Done;
    }

    public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) => default;

    public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => default;

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
