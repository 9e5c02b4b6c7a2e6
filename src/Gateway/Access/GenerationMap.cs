namespace SmartCity.Gateway;

/// <summary>A table of bounded size: when the young half is full it becomes the old half, and what was old and not touched since is forgotten.</summary>
internal sealed class GenerationMap<TKey, TValue>(int capacity)
    where TKey : notnull
    where TValue : class
{
    private Dictionary<TKey, TValue> _young = [];
    private Dictionary<TKey, TValue> _old = [];

    public int Count => _young.Count + _old.Count;

    public TValue? Find(TKey key)
    {
        if (_young.TryGetValue(key, out var value)) return value;
        if (!_old.Remove(key, out value)) return null;
        Add(key, value);
        return value;
    }

    public void Add(TKey key, TValue value)
    {
        if (_young.Count >= capacity / 2) (_old, _young) = (_young, []);
        _young[key] = value;
    }

    public void Remove(TKey key)
    {
        if (!_young.Remove(key)) _old.Remove(key);
    }
}
