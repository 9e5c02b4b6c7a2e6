using System.Collections.Concurrent;
using System.Text;

namespace SmartCity.Mqtt.Tests;

/// <summary>A publish handler whose disk and readiness the test drives.</summary>
internal sealed class ScriptedHandler : IPublishHandler
{
    private readonly Lock _gate = new();
    private readonly List<(long Ticket, TaskCompletionSource Done)> _waiting = [];
    private TaskCompletionSource _ready = Completed();
    private long _ticket;
    private long _durable;
    private Exception? _failed;

    public ConcurrentQueue<(string Topic, string Payload, MqttQoS QoS, bool Duplicate)> Accepted { get; } = new();

    /// <summary>False: acknowledge at once.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Tells the pump how far the disk is.</summary>
    public bool TellsDurableTicket { get; init; }

    public Func<string, MqttReasonCode> Judge { get; set; } = _ => MqttReasonCode.Success;

    public long DurableTicket => TellsDurableTicket ? Volatile.Read(ref _durable) : -1;

    public PublishResult Accept(in InboundPublish publish)
    {
        var topic = Encoding.UTF8.GetString(publish.Topic);
        Accepted.Enqueue((topic, Encoding.UTF8.GetString(publish.Payload), publish.QoS, publish.Duplicate));
        var reason = Judge(topic);
        return new(Durable && publish.QoS > 0 ? Interlocked.Increment(ref _ticket) : 0, reason);
    }

    public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (ticket <= _durable) return default;
            if (_failed is not null) return ValueTask.FromException(_failed);
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((ticket, done));
            return new(done.Task.WaitAsync(cancellationToken));
        }
    }

    public ValueTask WhenReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return _ready.Task.IsCompleted ? default : new(_ready.Task.WaitAsync(cancellationToken));
    }

    /// <summary>The disk has everything up to the ticket.</summary>
    public void Sync(long ticket)
    {
        lock (_gate)
        {
            _durable = ticket;
            foreach (var (_, done) in _waiting.Where(w => w.Ticket <= ticket)) done.TrySetResult();
            _waiting.RemoveAll(w => w.Ticket <= ticket);
        }
    }

    /// <summary>The disk fails: for those who wait, and for those who come to wait.</summary>
    public void FailSync(Exception e)
    {
        lock (_gate)
        {
            _failed = e;
            foreach (var (_, done) in _waiting) done.TrySetException(e);
            _waiting.Clear();
        }
    }

    public void HoldBack()
    {
        lock (_gate) _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void GoOn()
    {
        lock (_gate) _ready.TrySetResult();
    }

    private static TaskCompletionSource Completed()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
