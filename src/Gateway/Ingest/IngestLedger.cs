using System.Globalization;

namespace SmartCity.Gateway;

/// <summary>
/// What the gateway has counted since the last commit: accepted readings, rejections, new devices. Counts of records that an earlier process
/// had committed are not taken again when they are replayed. Guarded by the pump's gate, but for failures, which come from grains.
/// </summary>
public sealed class IngestLedger : IDisposable
{
    private const long HourMs = 3_600_000;
    private const int RefreshCommits = 30; // accepted counts and last-seen times of many devices are written together
    private const int FewDevices = 2000; // fewer are written with every commit
    private const int FailureOrdinal = 1 << 21; // apart from the ordinals of decoder and grains

    private const long ManyBytes = 4 << 20; // pending; beyond, payloads are cut short
    private const long MostBytes = 32 << 20; // pending; beyond, decoding waits for the next commit
    private const int ShortPayloadBytes = 64;
    private const int LetterBytes = 400; // about what a dead letter takes besides its payload

    private readonly ManualResetEventSlim _hasRoom = new(true);
    private readonly int _payloadBytes;
    private readonly Lock _lock = new();
    private readonly List<DeviceEntry> _dirty = [];
    private readonly Dictionary<(string Device, long HourMs), long> _accepted = [];
    private List<DeadLetter> _deadLetters = [];
    private List<DeadLetter> _failures = [];
    private byte[] _lastPayload = [];
    private long _lastPayloadSequence = -1;
    private long _pendingBytes;
    private long _acceptedThrough;
    private int _commitsSinceRefresh;
    private bool _hasNewDevices;

    internal IngestLedger(int payloadBytes) => _payloadBytes = payloadBytes;

    /// <summary>Accepted readings that no commit holds yet, by device and hour.</summary>
    public IEnumerable<AcceptedCount> PendingAccepted
    {
        get
        {
            foreach (var device in _dirty)
            {
                if (device.Accepted > 0) yield return new(device.Id, device.AcceptedHourMs, device.Accepted);
            }

            foreach (var ((device, hour), count) in _accepted) yield return new(device, hour, count);
        }
    }

    /// <summary>Dead letters that no commit holds yet.</summary>
    public IReadOnlyList<DeadLetter> PendingDeadLetters
    {
        get
        {
            lock (_lock) return [.. _deadLetters, .. _failures];
        }
    }

    /// <summary>Number of the gateway.</summary>
    internal int Gateway { get; set; }

    public void Dispose() => _hasRoom.Dispose();

    /// <summary>Waits while the rejections since the last commit take as much memory as they may.</summary>
    internal void WaitForRoom(CancellationToken cancellationToken) => _hasRoom.Wait(cancellationToken);

    internal void Start(long acceptedThrough) => _acceptedThrough = acceptedThrough;

    internal void Accept(DeviceEntry device, long windowStartMs, int readings, long sequence)
    {
        MarkDirty(device);
        if (sequence <= _acceptedThrough) return;
        var hour = windowStartMs - (windowStartMs % HourMs);
        if (device.Accepted > 0 && device.AcceptedHourMs != hour) Add(device.Id, device.AcceptedHourMs, Take(device));
        device.AcceptedHourMs = hour;
        device.Accepted += readings;
    }

    internal void AddNew(DeviceEntry device)
    {
        _hasNewDevices = true;
        MarkDirty(device);
    }

    internal void Reject(in IntakeRecord record, string deviceId, int ordinal, Rejection rejection)
    {
        if (record.Sequence > _acceptedThrough) Add(deviceId, record.ArrivalMs - (record.ArrivalMs % HourMs), rejection.Readings);
        var letter = new DeadLetter
        {
            Position = LogPosition.Of(record.Sequence, 0),
            Gateway = Gateway,
            Ordinal = ordinal,
            ArrivalMs = record.ArrivalMs,
            Topic = System.Text.Encoding.UTF8.GetString(record.Topic),
            DeviceId = deviceId,
            Reason = rejection.Reason,
            Detail = rejection.Detail,
            Readings = rejection.Readings,
            Payload = PayloadOf(record),
        };
        lock (_lock)
        {
            _deadLetters.Add(letter);
            _pendingBytes += LetterBytes;
            if (_pendingBytes > MostBytes) _hasRoom.Reset();
        }
    }

    /// <param name="windowStartMs">Start of the window whose hour <see cref="Accept"/> counted the readings in.</param>
    internal void AddFailure(DeviceMessage message, string deviceId, long windowStartMs, string error)
    {
        var letter = new DeadLetter
        {
            Position = message.Position,
            Gateway = Gateway,
            Ordinal = FailureOrdinal,
            ArrivalMs = message.ArrivalMs,
            CountedMs = windowStartMs,
            Topic = $"city/{message.Stream.Region}/{message.Stream.Unit}/{message.Stream.Kind}/{deviceId}",
            DeviceId = deviceId,
            Reason = RejectReason.InternalError,
            Detail = error,
            Readings = message.Count,
            Payload = System.Text.Encoding.UTF8.GetBytes(string.Join(
                ", ", message.Readings.Take(message.Count).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Metric}={r.Value}")))),
        };
        lock (_lock) _failures.Add(letter);
    }

    /// <summary>Puts what is pending into a commit.</summary>
    /// <param name="decoded">Newest record that was decoded.</param>
    /// <returns>Newest record whose counts are in this or an earlier commit.</returns>
    internal long Contribute(StoreCommit commit, long decoded)
    {
        lock (_lock)
        {
            commit.DeadLetters.AddRange(_deadLetters);
            commit.DeadLetters.AddRange(_failures);
            _pendingBytes = 0;
            _hasRoom.Set();
            if (_deadLetters.Count > 0) _deadLetters = [];
            if (_failures.Count > 0) _failures = [];
        }

        if (_dirty.Count == 0 && _accepted.Count == 0)
        {
            if (decoded > _acceptedThrough)
            {
                _acceptedThrough = decoded;
                commit.AcceptedThrough = LogPosition.Through(decoded);
            }

            return _acceptedThrough;
        }

        if (_dirty.Count > FewDevices && !_hasNewDevices && ++_commitsSinceRefresh < RefreshCommits) return Math.Min(decoded, _acceptedThrough);
        foreach (var device in _dirty)
        {
            device.IsDirty = false;
            if (device.Accepted > 0) Add(device.Id, device.AcceptedHourMs, Take(device));
            commit.Devices.Add(new()
            {
                Id = device.Id,
                Stream = device.Stream,
                RegisteredMs = device.RegisteredMs,
                LastSeenMs = device.LastSeenMs,
                Latitude = device.Latitude,
                Longitude = device.Longitude,
            });
        }

        foreach (var ((device, hour), count) in _accepted) commit.Accepted.Add(new(device, hour, count));
        _dirty.Clear();
        _accepted.Clear();
        _hasNewDevices = false;
        _commitsSinceRefresh = 0;
        if (decoded > _acceptedThrough)
        {
            _acceptedThrough = decoded;
            commit.AcceptedThrough = LogPosition.Through(decoded);
        }

        return _acceptedThrough;
    }

    // The rejections of one record share one copy.
    private byte[] PayloadOf(in IntakeRecord record)
    {
        if (_lastPayloadSequence == record.Sequence) return _lastPayload;
        _lastPayload = record.Payload[..Math.Min(record.Payload.Length, _pendingBytes > ManyBytes ? ShortPayloadBytes : _payloadBytes)].ToArray();
        _lastPayloadSequence = record.Sequence;
        _pendingBytes += _lastPayload.Length;
        return _lastPayload;
    }

    private static int Take(DeviceEntry device)
    {
        var accepted = device.Accepted;
        device.Accepted = 0;
        return accepted;
    }

    private void Add(string device, long hourMs, long readings) =>
        _accepted[(device, hourMs)] = _accepted.GetValueOrDefault((device, hourMs)) + readings;

    private void MarkDirty(DeviceEntry device)
    {
        if (device.IsDirty) return;
        device.IsDirty = true;
        _dirty.Add(device);
    }
}
