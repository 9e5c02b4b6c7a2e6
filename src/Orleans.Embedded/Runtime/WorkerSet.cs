namespace Orleans.Runtime;

/// <summary>The activations of one key of a stateless worker: a call goes to an idle one, else to a new one, else to the least busy. Any thread.</summary>
internal sealed class WorkerSet(Activation anchor, int most)
{
    private readonly Lock _lock = new();
    private volatile Activation[] _workers = [];
    private int _created;

    public Activation Pick()
    {
        if (Idle(_workers) is { } idle) return idle;
        lock (_lock)
        {
            if (Idle(_workers) is { } meanwhile) return meanwhile;
            if (_workers.Length < most)
            {
                var added = new Activation(anchor.Type, anchor.Key, anchor.Type.Runtime.ShardAt(anchor.Shard.Index + _created++));
                added.Extras.Anchor = anchor;
                added.Extras.BeginLoad();
                _workers = [.. _workers, added];
                return added;
            }

            var least = _workers.MinBy(w => w.Extras.Load)!;
            least.Extras.BeginLoad();
            return least;
        }
    }

    public void Remove(Activation worker)
    {
        lock (_lock) _workers = [.. _workers.Where(w => !ReferenceEquals(w, worker))];
    }

    /// <summary>The workers of the moment.</summary>
    public IReadOnlyList<Activation> Snapshot() => _workers;

    private static Activation? Idle(Activation[] workers)
    {
        foreach (var worker in workers)
        {
            if (worker.Extras.TryBeginFirstLoad()) return worker;
        }

        return null;
    }
}
