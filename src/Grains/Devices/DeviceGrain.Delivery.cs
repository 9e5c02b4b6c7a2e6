namespace SmartCity.Grains;

/// <summary>Messages that come from another process, or through a host that may lose an activation.</summary>
public sealed partial class DeviceGrain
{
    private bool _wasScheduled; // this activation has asked the schedule for CloseWindows
    private List<DeviceSource>? _otherSources; // of gateways but the one in hand; nearly always there is none

    /// <inheritdoc/>
    public async ValueTask<DeliveryReply> Deliver(int gateway, long durableThrough, IReadOnlyList<DeviceMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        List<DeliveryFailure>? failures = null;
        Turn(gateway);
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message.Position <= _source.Last) continue; // this activation has it; the gateway was not told, or begins again
            // Everything before this message must be here or in the store. After the loss of a host it may be neither.
            if (message.Previous != _source.Last && message.Previous > durableThrough) return new() { HasGap = true, Hosts = services.Host.Taken.Hosts, Failures = failures };
            try
            {
                await Ingest(message);
            }
            catch (Exception exception)
            {
                // Ours, not the network's: it would fail again.
                (failures ??= []).Add(new(i, exception.Message));
            }

            _source.Last = message.Position;
        }

        return failures is null ? services.Host.Taken : new() { Hosts = services.Host.Taken.Hosts, Failures = failures };
    }

    /// <inheritdoc/>
    public async ValueTask Reset()
    {
        (_series, _coverage, _metricCount, _stored) = ([], null, 0, null);
        (_nextDueMs, _storedThroughMs) = (long.MaxValue, long.MinValue);
        (_source, _otherSources) = (new(_source.Gateway), null);
        await LoadLatestAsync();
    }

    /// <summary>Makes a gateway the one in hand.</summary>
    private void Turn(int gateway)
    {
        if (gateway == _source.Gateway) return;
        _otherSources ??= [];
        var at = _otherSources.FindIndex(s => s.Gateway == gateway);
        var next = at < 0 ? new DeviceSource(gateway) : _otherSources[at];
        if (at < 0) _otherSources.Add(_source);
        else _otherSources[at] = _source;
        _source = next;
    }

    /// <summary>The schedule now knows the oldest positions of these gateways.</summary>
    private void MarkHeld(in HeldPositions held)
    {
        if (held.Of(_source.Gateway) != long.MaxValue) _source.IsHeld = true;
        for (var i = 0; i < _otherSources?.Count; i++)
        {
            if (held.Of(_otherSources[i].Gateway) != long.MaxValue) _otherSources[i] = _otherSources[i] with { IsHeld = true };
        }
    }

    /// <summary>The schedule has asked: what is held from now on must be said again.</summary>
    private void ForgetHeld()
    {
        _source.IsHeld = false;
        for (var i = 0; i < _otherSources?.Count; i++) _otherSources[i] = _otherSources[i] with { IsHeld = false };
    }
}
