namespace SmartCity.Mqtt;

/// <content>From a received message to the handlers of its subscriptions.</content>
public sealed partial class MqttClient
{
    private async ValueTask DispatchAsync(MqttDelivery delivery, CancellationToken cancellationToken)
    {
        var message = delivery.Message;
        var matching = _subscriptions.Values.Where(r => MqttTopic.Matches(r.TopicFilter, message.Topic)).ToList();
        var manual = matching.Where(r => r.Manual is not null).ToList();
        delivery.Expect(Math.Max(1, manual.Count));
        foreach (var registration in manual) Guard(registration.Manual!, delivery);
        var automatic = matching.Count == manual.Count && matching.Count > 0 ? [] : matching.Where(r => r.Handler is not null).Select(r => r.Handler!).ToList();
        if (matching.Count == 0 && _options.Unmatched is { } unmatched) automatic.Add(unmatched);
        if (manual.Count == 0) delivery.Begin();
        foreach (var handler in automatic)
        {
            try
            {
                await handler(message, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The handler gave up with the connection; the server sends the message again.
                delivery.Abandon();
                throw;
            }
            catch (Exception e)
            {
                // Not acknowledging would bring the same message, and the same exception, for ever.
                _logger.ClientHandlerFailed(e, message.Topic);
            }
        }

        if (manual.Count == 0) delivery.Acknowledge();
    }

    private void Guard(Action<MqttDelivery> handler, MqttDelivery delivery)
    {
        try
        {
            handler(delivery);
        }
        catch (Exception e)
        {
            _logger.ClientHandlerFailed(e, delivery.Message.Topic);
            delivery.Acknowledge();
        }
    }

    private sealed record Registration(MqttSubscription Subscription, Func<MqttMessage, CancellationToken, ValueTask>? Handler, Action<MqttDelivery>? Manual)
    {
        /// <summary>What topics are compared with: of a shared subscription, the part behind the group.</summary>
        public string TopicFilter { get; } = SharedFilter.TrySplit(Subscription.Filter, out _, out var inner) ? inner : Subscription.Filter;
    }
}
