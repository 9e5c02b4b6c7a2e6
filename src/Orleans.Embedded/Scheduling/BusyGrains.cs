using System.Runtime.InteropServices;

namespace Orleans.Runtime;

/// <summary>The grains of one shard that have calls waiting or suspended: those in which a call can be overdue.</summary>
internal sealed class BusyGrains
{
    private readonly List<Activation> _grains = [];

    public int Count => _grains.Count;

    public void Add(Activation grain)
    {
        if (grain.BusyPlace != 0) return;
        _grains.Add(grain);
        grain.BusyPlace = _grains.Count;
    }

    public void Remove(Activation grain)
    {
        if (grain.BusyPlace == 0) return;
        var last = _grains[^1];
        _grains[grain.BusyPlace - 1] = last;
        last.BusyPlace = grain.BusyPlace;
        _grains.RemoveAt(_grains.Count - 1);
        grain.BusyPlace = 0;
    }

    /// <summary>Looks at them from a thread that is not the shard's: those that come and go meanwhile may be missed.</summary>
    public void Peek(Action<Activation> action)
    {
        foreach (var grain in CollectionsMarshal.AsSpan(_grains))
        {
            if (grain is not null) action(grain); // it may have left while we look
        }
    }

    public Activation this[int index] => _grains[index];
}
