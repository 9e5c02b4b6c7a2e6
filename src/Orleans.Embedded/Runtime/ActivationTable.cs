namespace Orleans.Runtime;

/// <summary>
/// Activations by key: an open-addressing table with one slot each, a fifth of what a ConcurrentDictionary needs for a million grains.
/// Looking up takes no lock; adding and removing do.
/// </summary>
internal sealed class ActivationTable
{
    private const int Smallest = 64;

    // Stands where one was removed, so that a look-up goes on behind it. No grain has an empty key.
    private static readonly Activation s_removed = new(null!, string.Empty, null!);

    private readonly Lock _lock = new();
    private Activation?[] _slots = new Activation?[Smallest];
    private int _count;
    private int _used; // with those removed

    public int Count => Volatile.Read(ref _count);

    /// <summary>Slots to look at with <see cref="At"/>; some are empty.</summary>
    public int SlotCount => Volatile.Read(ref _slots).Length;

    public Activation? Find(string key) => Find(Volatile.Read(ref _slots), key);

    public Activation GetOrAdd(string key, Func<string, Activation> create)
    {
        if (Find(key) is { } known) return known;
        lock (_lock)
        {
            if (Find(_slots, key) is { } meanwhile) return meanwhile;
            var added = create(key);
            if ((_used + 1) * 3 > _slots.Length * 2) Rebuild();
            if (Place(_slots, added)) _used++;
            Volatile.Write(ref _count, _count + 1);
            return added;
        }
    }

    /// <summary>Removes an activation, if it is still the one under its key.</summary>
    public void Remove(Activation activation)
    {
        lock (_lock)
        {
            for (var i = Start(_slots, activation.Key); _slots[i] is { } other; i = (i + 1) & (_slots.Length - 1))
            {
                if (!ReferenceEquals(other, activation)) continue;
                Volatile.Write(ref _slots[i], s_removed);
                Volatile.Write(ref _count, _count - 1);
                if (_slots.Length > Smallest && _count * 8 < _slots.Length) Rebuild();
                return;
            }
        }
    }

    /// <summary>The activation in a slot, if there is one. For walks that may miss what comes and goes meanwhile.</summary>
    public Activation? At(int slot)
    {
        var slots = Volatile.Read(ref _slots);
        return slot < slots.Length && Volatile.Read(ref slots[slot]) is { } activation && !ReferenceEquals(activation, s_removed) ? activation : null;
    }

    private static int Start(Activation?[] slots, string key) => string.GetHashCode(key, StringComparison.Ordinal) & (slots.Length - 1);

    private static Activation? Find(Activation?[] slots, string key)
    {
        for (var i = Start(slots, key); Volatile.Read(ref slots[i]) is { } activation; i = (i + 1) & (slots.Length - 1))
        {
            if (activation.Key == key) return activation;
        }

        return null;
    }

    /// <returns>True when the slot was never used.</returns>
    private static bool Place(Activation?[] slots, Activation activation)
    {
        var i = Start(slots, activation.Key);
        while (slots[i] is { } other && !ReferenceEquals(other, s_removed)) i = (i + 1) & (slots.Length - 1);
        var isNew = slots[i] is null;
        Volatile.Write(ref slots[i], activation);
        return isNew;
    }

    /// <summary>Makes a table of the right size, without the marks of those removed.</summary>
    private void Rebuild()
    {
        var size = Smallest;
        while (size < (_count + 1) * 2) size *= 2;
        var slots = new Activation?[size];
        foreach (var activation in _slots)
        {
            if (activation is not null && !ReferenceEquals(activation, s_removed)) Place(slots, activation);
        }

        Volatile.Write(ref _slots, slots);
        _used = _count;
    }
}
