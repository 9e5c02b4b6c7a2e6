using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SmartCity.Mqtt;

/// <summary>
/// Meter and activity source <c>SmartCity.Mqtt</c> of one broker. Counters are plain fields that the meter reads when asked; read loops add once
/// per batch, so a message costs no tag and no contended cache line.
/// </summary>
public sealed class MqttMetrics : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "SmartCity.Mqtt";

    private readonly Meter _meter;
    private readonly ConcurrentDictionary<string, StrongBox> _refused = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StrongBox> _drops = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StrongBox> _violations = new(StringComparer.Ordinal);
    private readonly long[] _publishesIn = new long[3];
    private readonly long[] _publishesOut = new long[3];
    private long _connectionsOpen;
    private long _connectionsTotal;
    private long _bytesIn;
    private long _bytesOut;
    private long _acksOut;
    private long _readPauses;
    private long _throttled;
    private long _journalFailures;

    /// <param name="meterFactory">Null outside a host.</param>
    public MqttMetrics(IMeterFactory? meterFactory = null)
    {
        _meter = meterFactory?.Create(Name) ?? new Meter(Name);
        _meter.CreateObservableUpDownCounter("mqtt.connections.open", () => ConnectionsOpen, "{connection}", "Connections with an accepted CONNECT");
        _meter.CreateObservableCounter("mqtt.connections.total", () => ConnectionsTotal, "{connection}", "Connections accepted since start");
        _meter.CreateObservableCounter("mqtt.connections.refused", () => ByReason(_refused), "{connection}", "Connections refused, by reason");
        _meter.CreateObservableCounter("mqtt.publishes.received", () => ByQoS(_publishesIn), "{message}", "PUBLISH packets received, by QoS");
        _meter.CreateObservableCounter("mqtt.publishes.sent", () => ByQoS(_publishesOut), "{message}", "PUBLISH packets sent to subscribers, by QoS");
        _meter.CreateObservableCounter("mqtt.network.received", () => BytesIn, "By", "Bytes of the packets received");
        _meter.CreateObservableCounter("mqtt.network.sent", () => BytesOut, "By", "Bytes of PUBLISH packets sent");
        _meter.CreateObservableCounter("mqtt.acks.sent", () => AcksOut, "{packet}", "PUBACK and PUBREC sent");
        _meter.CreateObservableCounter("mqtt.reads.paused", () => ReadPauses, "{pause}", "Times a connection was not read because acknowledgements, its peer or the application were behind");
        _meter.CreateObservableCounter("mqtt.reads.throttled", () => ReadsThrottled, "{pause}", "Times a connection was not read because its client sent faster than MaxMessageRate");
        _meter.CreateObservableCounter("mqtt.sessions.failures", () => Volatile.Read(ref _journalFailures), "{commit}", "Writes of the session journal that the disk refused and that were repeated");
        _meter.CreateObservableCounter("mqtt.violations", () => ByReason(_violations), "{packet}", "Protocol violations, each of which closed its connection, by reason");
        _meter.CreateObservableCounter("mqtt.drops", () => ByReason(_drops), "{message}", "Messages not delivered to a subscriber or not retained, by reason");
    }

    /// <summary>Connections with an accepted CONNECT.</summary>
    public long ConnectionsOpen => Volatile.Read(ref _connectionsOpen);

    public long ConnectionsTotal => Volatile.Read(ref _connectionsTotal);

    public long BytesIn => Volatile.Read(ref _bytesIn);

    /// <summary>Bytes of the PUBLISH packets sent.</summary>
    public long BytesOut => Volatile.Read(ref _bytesOut);

    /// <summary>PUBACK and PUBREC packets sent.</summary>
    public long AcksOut => Volatile.Read(ref _acksOut);

    /// <summary>Times a read loop paused.</summary>
    public long ReadPauses => Volatile.Read(ref _readPauses);

    /// <summary>Times a read loop paused for <see cref="MqttLimits.MaxMessageRate"/>.</summary>
    public long ReadsThrottled => Volatile.Read(ref _throttled);

    internal static ActivitySource Activities { get; } = new(Name);

    /// <summary>PUBLISH packets received with a QoS.</summary>
    public long PublishesIn(MqttQoS qos) => Volatile.Read(ref _publishesIn[(int)qos]);

    /// <summary>PUBLISH packets sent with a QoS.</summary>
    public long PublishesOut(MqttQoS qos) => Volatile.Read(ref _publishesOut[(int)qos]);

    /// <summary>Messages dropped for a reason of <see cref="MqttDropReason"/>.</summary>
    public long Drops(string reason) => _drops.TryGetValue(reason, out var box) ? Volatile.Read(ref box.Value) : 0;

    /// <summary>Messages dropped for any reason.</summary>
    public long DropsTotal => _drops.Values.Sum(b => Volatile.Read(ref b.Value));

    /// <summary>Connections refused with a reason code's name.</summary>
    public long Refused(MqttReasonCode reason) => _refused.TryGetValue(reason.ToString(), out var box) ? Volatile.Read(ref box.Value) : 0;

    /// <summary>Violations with a reason code's name.</summary>
    public long Violations(MqttReasonCode reason) => _violations.TryGetValue(reason.ToString(), out var box) ? Volatile.Read(ref box.Value) : 0;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Opened()
    {
        Interlocked.Increment(ref _connectionsOpen);
        Interlocked.Increment(ref _connectionsTotal);
    }

    internal void Closed() => Interlocked.Decrement(ref _connectionsOpen);

    /// <summary>For the host: a connection that was closed before its handshake, because too many are under way.</summary>
    public void RefuseHandshake() => Refuse(MqttReasonCode.ConnectionRateExceeded);

    internal void Refuse(MqttReasonCode reason) => Add(_refused, reason.ToString());

    internal void Violate(MqttReasonCode reason) => Add(_violations, reason.ToString());

    internal void Drop(string reason) => Add(_drops, reason);

    internal void JournalFailed() => Interlocked.Increment(ref _journalFailures);

    internal void Throttled() => Interlocked.Increment(ref _throttled);

    internal void PausedRead() => Interlocked.Increment(ref _readPauses);

    internal void Sent(MqttQoS qos, long bytes)
    {
        Interlocked.Increment(ref _publishesOut[(int)qos]);
        Interlocked.Add(ref _bytesOut, bytes);
    }

    internal void Acknowledged(long count) => Interlocked.Add(ref _acksOut, count);

    internal void Received(in BatchCounts counts)
    {
        if (counts.QoS0 > 0) Interlocked.Add(ref _publishesIn[0], counts.QoS0);
        if (counts.QoS1 > 0) Interlocked.Add(ref _publishesIn[1], counts.QoS1);
        if (counts.QoS2 > 0) Interlocked.Add(ref _publishesIn[2], counts.QoS2);
        if (counts.Bytes > 0) Interlocked.Add(ref _bytesIn, counts.Bytes);
    }

    private static void Add(ConcurrentDictionary<string, StrongBox> counters, string reason) =>
        Interlocked.Increment(ref counters.GetOrAdd(reason, static _ => new()).Value);

    private static IEnumerable<Measurement<long>> ByReason(ConcurrentDictionary<string, StrongBox> counters) =>
        counters.Select(c => new Measurement<long>(Volatile.Read(ref c.Value.Value), new KeyValuePair<string, object?>("reason", c.Key)));

    private static IEnumerable<Measurement<long>> ByQoS(long[] counters) =>
        counters.Select((count, qos) => new Measurement<long>(count, new KeyValuePair<string, object?>("qos", qos)));

    /// <summary>What one batch of a read loop received.</summary>
    internal struct BatchCounts
    {
        public int QoS0;
        public int QoS1;
        public int QoS2;
        public int Packets;
        public long Bytes;
    }

    private sealed class StrongBox
    {
        public long Value;
    }
}
