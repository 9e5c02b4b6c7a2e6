using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SmartCity.Mqtt;

/// <summary>
/// Publishes wills one after the other, so that a whole district that loses power at once is held back by the application like any publisher.
/// Bounded: a session has at most one will, of at most <see cref="MqttLimits.MaxWillSize"/> bytes.
/// </summary>
[SuppressMessage(
    "Reliability", "CA2213:Disposable fields should be disposed",
    Justification = "The cancellation source has no timer; a connection that ends late may still ask for its token.")]
internal sealed class WillPublisher(MqttBroker broker) : IDisposable
{
    private readonly ConcurrentQueue<PendingWill> _due = new();
    private readonly CancellationTokenSource _stop = new();
    private int _waiting;

    /// <summary>Publishes now, or in its turn when others wait or the application holds publishers back.</summary>
    public void Publish(PendingWill will)
    {
        _due.Enqueue(will);
        if (Interlocked.Increment(ref _waiting) == 1) _ = PublishDueAsync();
    }

    public void Dispose() => _stop.Cancel();

    private async Task PublishDueAsync()
    {
        try
        {
            do
            {
                await broker.Handler.WhenReadyAsync(_stop.Token).ConfigureAwait(false);
                if (_due.TryDequeue(out var will)) PublishOne(will);
            }
            while (Interlocked.Decrement(ref _waiting) > 0);
        }
        catch (OperationCanceledException)
        {
            // The broker stops.
        }
    }

    private void PublishOne(PendingWill pending)
    {
        var will = pending.Will;
        try
        {
            var topic = Encoding.UTF8.GetBytes(will.Topic);
            var result = broker.Handler.Accept(new()
            {
                Topic = topic,
                Payload = will.Payload,
                Properties = [],
                QoS = will.QoS,
                Retain = will.Retain,
                Connection = pending.Connection,
            });
            if ((byte)result.ReasonCode >= 0x80) broker.Metrics.Drop(MqttDropReason.Refused);
            else broker.Route(topic, will.Payload, PropertySection.Encode(will.Properties), will.QoS, will.Retain, origin: null, topics: null);
        }
        catch (Exception e)
        {
            broker.Log.WillFailed(e, pending.Connection.ClientId);
        }
    }
}
