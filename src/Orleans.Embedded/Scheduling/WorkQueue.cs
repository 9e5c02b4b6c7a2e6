namespace Orleans.Runtime;

/// <summary>Many producers, one consumer, no allocation: the intrusive queue of D. Vyukov (1024cores.net, "Intrusive MPSC node-based queue").</summary>
internal sealed class WorkQueue
{
    private readonly WorkItem _stub = new Stub();
    private PaddedItem _head; // consumer's side
    private PaddedItem _tail; // producers' side

    public WorkQueue()
    {
        _head.Value = _stub;
        _tail.Value = _stub;
    }

    /// <summary>True when nothing is queued, as the consumer sees it.</summary>
    public bool IsEmpty => _head.Value == _stub && Volatile.Read(ref _stub.Next) is null && Volatile.Read(ref _tail.Value) == _stub;

    public void Enqueue(WorkItem item)
    {
        item.Next = null;
        var previous = Interlocked.Exchange(ref _tail.Value, item);
        Volatile.Write(ref previous.Next, item);
    }

    /// <summary>Takes the oldest item; null when there is none or its producer is between its two steps.</summary>
    public WorkItem? TryDequeue()
    {
        var head = _head.Value;
        var next = Volatile.Read(ref head.Next);
        if (head == _stub)
        {
            if (next is null) return null;
            _head.Value = head = next;
            next = Volatile.Read(ref head.Next);
        }

        if (next is not null)
        {
            _head.Value = next;
            return head;
        }

        if (head != Volatile.Read(ref _tail.Value)) return null;
        Enqueue(_stub);
        next = Volatile.Read(ref head.Next);
        if (next is null) return null;
        _head.Value = next;
        return head;
    }

    /// <summary>Looks at what is queued from a thread that is not the consumer's: what comes and goes meanwhile may be missed, or be another's already.</summary>
    public void Peek(Action<WorkItem> action, long most)
    {
        for (var item = Volatile.Read(ref _head.Value); item is not null && most > 0; item = Volatile.Read(ref item.Next), most--) action(item);
    }

    private sealed class Stub : WorkItem
    {
        internal override void Run() => throw new InvalidOperationException("The queue's stub is never run.");
    }
}
