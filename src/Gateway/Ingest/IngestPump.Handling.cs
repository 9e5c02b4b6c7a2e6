using System.Text;

namespace SmartCity.Gateway;

/// <summary>From a record to the messages for its device, or to a dead letter.</summary>
public sealed partial class IngestPump
{
    private void Fail(DeviceEntry device, DeviceMessage message, string error, Exception? exception)
    {
        LogIngestFailed(exception, device.Id, message.Position, error);
        _ledger.AddFailure(message, device.Id, StartOf(message.EventMs), error);
    }

    private void TryHandle(in IntakeRecord record, PendingBatch batch)
    {
        try
        {
            Handle(record, batch);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A record that ended this thread would end it again at every replay.
            LogDecodeFailed(exception, record.Sequence);
            Reject(record, string.Empty, FailureOrdinal, new(RejectReason.InternalError, exception.Message, 1));
        }
    }

    private void Handle(in IntakeRecord record, PendingBatch batch)
    {
        var mapping = _mappings.Find(record.Sequence, record.Topic);
        var topic = mapping is null ? record.Topic : mapping.MapTopic(record.Topic);
        if (!_topics.TryResolve(topic, out var stream, out var id, out var reason, out var detail))
        {
            // A topic of our shape names the device, and there its owner looks.
            var named = TopicMap.IsDeviceId(id) && topic.StartsWith("city/"u8) && topic.Count((byte)'/') == 4;
            Reject(record, named ? Encoding.ASCII.GetString(id) : string.Empty, 0, new(reason, mapping is null ? detail : $"{detail} (by mapping {mapping.Rule.Id})", 1));
            return;
        }

        if (TopicMap.FindWrongCell(stream, id) is { } wrong)
        {
            Reject(record, Encoding.ASCII.GetString(id), 0, wrong);
            return;
        }

        _decoder.Decode(stream, mapping is null ? record.Payload : mapping.MapPayload(record.Payload), record.Sequence, record.ArrivalMs);
        var device = Devices.Find(id);
        if (_decoder.Messages.Count > 0)
        {
            device ??= Register(record, stream, id);
            if (device is not null) Touch(device, stream, record.ArrivalMs);
        }

        var rejections = _decoder.Rejections;
        for (var i = 0; i < rejections.Count; i++) Reject(record, device?.Id ?? Encoding.ASCII.GetString(id), i, rejections[i]);
        var messages = _decoder.Messages;
        for (var i = 0; i < messages.Count; i++) Send(device!, stream, messages[i], record.Sequence, batch);
    }

    private void Send(DeviceEntry device, StreamInfo stream, DeviceMessage message, long sequence, PendingBatch batch)
    {
        var count = message.Count;
        if (sequence > _decodedSequence)
        {
            Tally(device, stream, message);
            _ledger.Accept(device, StartOf(message.EventMs), count, sequence);
        }

        PendingCall? call = null;
        lock (_lock)
        {
            if (++_outstanding >= _options.MaxOutstanding) _belowLimit.Reset();
            batch.Remaining++;
            if (_idleCalls.Count > 0) call = _idleCalls.Pop();
        }

        if (_delivery is null) (call ?? new(this)).Start(device, message, batch);
        else _delivery.Send(new(device, message, batch));
        _messageCount++;
        _readingCount += count;
        if (!_belowLimit.IsSet) _belowLimit.Wait(_stopping.Token);
    }

    private static void Tally(DeviceEntry device, StreamInfo stream, DeviceMessage message)
    {
        var tally = stream.Tally;
        tally.AddMessage();
        device.TakeTime(message);
        if (!double.IsNaN(message.Latitude)) device.Latitude = message.Latitude;
        if (!double.IsNaN(message.Longitude)) device.Longitude = message.Longitude;
        for (var i = 0; i < message.Count; i++)
        {
            ref readonly var reading = ref message.Readings[i];
            tally.AddReading(stream.Metrics.IndexOf(reading.Metric), reading.Value);
            if ((object)reading.Metric == stream.Metrics.MainMetric) device.MainValue = reading.Value;
        }
    }

    private DeviceEntry? Register(in IntakeRecord record, StreamInfo stream, ReadOnlySpan<byte> utf8Id)
    {
        var id = Encoding.ASCII.GetString(utf8Id);
        if (Devices.Count >= _options.MaxDevices || record.Sequence <= _decodedSequence) // sent again, and there was no room the first time
        {
            _decoder.Rejections.Add(new(RejectReason.TooManyDevices, $"There are {_options.MaxDevices} devices already (Gateway:MaxDevices).",
                _decoder.Messages.Sum(m => m.Count)));
            foreach (var message in _decoder.Messages) _messages.Return(message);
            _decoder.Messages.Clear();
            return null;
        }

        var device = new DeviceEntry(id, _grains.GetGrain<IDeviceGrain>(id), stream.Name, record.ArrivalMs);
        Devices.Add(device);
        _ledger.AddNew(device);
        return device;
    }

    private static void Touch(DeviceEntry device, StreamInfo stream, long arrivalMs)
    {
        device.LastSeenMs = arrivalMs;
        device.Stream = stream.Name;
    }

    private void Reject(in IntakeRecord record, string deviceId, int ordinal, Rejection rejection)
    {
        if (record.Sequence <= _decodedSequence) return; // sent again
        _rejectedCount.Add(rejection.Readings, KeyValuePair.Create<string, object?>("reason", rejection.Reason));
        _ledger.Reject(record, deviceId, ordinal, rejection);
    }

    private long StartOf(long eventMs)
    {
        var remainder = eventMs % _windowMs;
        return eventMs - (remainder < 0 ? remainder + _windowMs : remainder);
    }
}
