using Microsoft.Extensions.Logging;

namespace SmartCity.Gateway;

/// <summary>Messages that go to grains in batches, through hosts that may be lost: going back to what the store has.</summary>
public sealed partial class IngestPump
{
    /// <summary>Number of this gateway.</summary>
    internal int Gateway => _options.Number;

    /// <summary>Who watches devices here, when their grains are elsewhere; null when the grains tell.</summary>
    internal ILiveFeed? Live { get; init; }

    /// <summary>What hosts of grains hold of this gateway's messages.</summary>
    internal HostPositions Hosts { get; } = new();

    /// <summary>The checkpoint that the store had at the start.</summary>
    internal long Checkpoint { get; private set; } = -1;

    /// <summary>Position through which everything is with the grains and, as the hosts say, in the store.</summary>
    internal long SettledThrough
    {
        get
        {
            // Under the lock: going back changes both.
            lock (_lock) return Math.Min(LogPosition.Through(_appliedSequence), Hosts.Oldest - 1);
        }
    }

    /// <summary>A host of grains is gone, or has let go of what it had.</summary>
    internal void ReportLost(string host)
    {
        if (_delivery is not { HasGap: false }) return;
        LogHostLost(host);
        _delivery.ReportGap();
    }

    /// <summary>A grain has a message, or failed on it for good.</summary>
    internal void OnDelivered(in PendingMessage message, string? error)
    {
        if (error is not null) Fail(message.Device, message.Message, error, null);
        else if (Live is { } live && live.IsWatched(message.Device.Id)) live.Publish(message.Device.Id, message.Message);
        _messages.Return(message.Message);
        lock (_lock) End(message.Batch);
    }

    /// <summary>A grain failed on a message for good, and the batch must be sent again for others.</summary>
    internal void OnFailed(in PendingMessage message, string error) => Fail(message.Device, message.Message, error, null);

    /// <summary>A message was given up because the pump is going back to what the store has; it will be read again.</summary>
    internal void OnDropped(in PendingMessage message, bool mayBeInUse)
    {
        if (!mayBeInUse) _messages.Return(message.Message);
        lock (_lock) End(null);
    }

    /// <summary>Sends everything again that the store does not have: a grain lost what it had taken. Grains that still have it skip it.</summary>
    private void GoBack()
    {
        _delivery!.WaitUntilIdle(_stopping.Token);
        long checkpoint;
        lock (_lock)
        {
            _batches.Clear();
            checkpoint = _delivery.BeginAgain();
            Hosts.Reset();
            _appliedSequence = LogPosition.SequenceThrough(checkpoint);
        }

        foreach (var device in Devices.All)
        {
            if (device.LastSent > checkpoint) device.LastSent = -1;
        }

        var after = LogPosition.SequenceThrough(checkpoint);
        var count = 0L;
        foreach (var batch in _log.ReadAgain(after, _decodedSequence))
        {
            count += batch.Count;
            Process(batch, after);
            _stopping.Token.ThrowIfCancellationRequested();
            if (_delivery.HasGap) return;
        }

        LogWentBack(count);
    }

    [LoggerMessage(5109, LogLevel.Warning, "The host of grains {Host} has lost messages that were not stored yet; they are sent again.")]
    private partial void LogHostLost(string host);

    [LoggerMessage(5104, LogLevel.Warning, "A host of grains was lost with messages that the store did not have: {Count} records of the intake log were sent again.")]
    private partial void LogWentBack(long count);
}
