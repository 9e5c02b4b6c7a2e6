namespace Orleans.Runtime;

/// <summary>Calls that wait for a grain, first come first: a ring through the calls' own links, so that an empty queue costs one pointer.</summary>
internal struct CallQueue
{
    private GrainCallBase? _last; // its Next is the first

    public int Count { get; private set; }

    public readonly GrainCallBase? First => (GrainCallBase?)_last?.Next;

    public void Add(GrainCallBase call)
    {
        if (_last is null)
        {
            call.Next = call;
        }
        else
        {
            call.Next = _last.Next;
            _last.Next = call;
        }

        _last = call;
        Count++;
    }

    public GrainCallBase? Take() => _last is null ? null : Unlink(_last);

    /// <summary>Takes the first call that the grain may run now, or whose caller has given up; null when there is none.</summary>
    public GrainCallBase? TakeFirst(Activation grain)
    {
        var previous = _last;
        for (var left = Count; left > 0; left--)
        {
            var call = (GrainCallBase)previous!.Next!;
            if (grain.MayRun(call) || call.IsClaimed) return Unlink(previous);
            previous = call;
        }

        return null;
    }

    public readonly void ForEach(Action<GrainCallBase> action)
    {
        var call = First;
        for (var left = Count; left > 0; left--)
        {
            var next = (GrainCallBase?)call!.Next;
            action(call);
            call = next;
        }
    }

    /// <summary>The same from another thread, while the grain's is held up: what comes and goes meanwhile may be missed.</summary>
    public readonly void Peek(Action<GrainCallBase> action)
    {
        var call = First;
        for (var left = Count; left > 0 && call is not null; left--)
        {
            action(call);
            call = Volatile.Read(ref call.Next) as GrainCallBase;
        }
    }

    /// <summary>Forgets the calls whose callers have given up.</summary>
    /// <returns>How many there were.</returns>
    public int RemoveClaimed()
    {
        var removed = 0;
        var previous = _last;
        for (var left = Count; left > 0; left--)
        {
            var call = (GrainCallBase)previous!.Next!;
            if (call.IsClaimed)
            {
                Unlink(previous);
                removed++;
                if (_last is null) break;
            }
            else
            {
                previous = call;
            }
        }

        return removed;
    }

    private GrainCallBase Unlink(GrainCallBase previous)
    {
        var call = (GrainCallBase)previous.Next!;
        if (ReferenceEquals(call, previous)) _last = null;
        else
        {
            previous.Next = call.Next;
            if (ReferenceEquals(call, _last)) _last = previous;
        }

        call.Next = null;
        Count--;
        return call;
    }
}
