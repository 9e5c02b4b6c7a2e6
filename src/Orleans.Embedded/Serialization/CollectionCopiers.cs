namespace Orleans.Serialization;

/// <summary>Copies an array; numbers and the like in one go.</summary>
internal sealed class ArrayCopier<T> : Copier
{
    public override object CopyObject(object original, CopyContext context)
    {
        var from = (T[])original;
        var to = new T[from.Length];
        context.Remember(original, to);
        if (CopierRegistry.IsUnchanging<T>())
        {
            from.CopyTo(to, 0);
            return to;
        }

        for (var i = 0; i < from.Length; i++) to[i] = context.Copy(from[i]);
        return to;
    }
}

internal sealed class ListCopier<T> : Copier
{
    public override object CopyObject(object original, CopyContext context)
    {
        var from = (List<T>)original;
        var to = new List<T>(from.Count);
        context.Remember(original, to);
        foreach (var item in from) to.Add(context.Copy(item));
        return to;
    }
}

/// <summary>Copies a read-only list into an array: nobody can tell.</summary>
internal sealed class ReadOnlyListCopier<T> : Copier
{
    public override object CopyObject(object original, CopyContext context)
    {
        var copy = Array.AsReadOnly(((IReadOnlyList<T>)original).Select(item => context.Copy(item)).ToArray());
        context.Remember(original, copy);
        return copy;
    }
}

internal sealed class HashSetCopier<T> : Copier
{
    public override object CopyObject(object original, CopyContext context)
    {
        var from = (HashSet<T>)original;
        var to = new HashSet<T>(from.Count, from.Comparer);
        context.Remember(original, to);
        foreach (var item in from) to.Add(context.Copy(item));
        return to;
    }
}

internal sealed class QueueCopier<T> : Copier
{
    public override object CopyObject(object original, CopyContext context)
    {
        var to = new Queue<T>();
        context.Remember(original, to);
        foreach (var item in (Queue<T>)original) to.Enqueue(context.Copy(item));
        return to;
    }
}

internal sealed class StackCopier<T> : Copier
{
    public override object CopyObject(object original, CopyContext context)
    {
        var to = new Stack<T>();
        context.Remember(original, to);
        foreach (var item in ((Stack<T>)original).Reverse()) to.Push(context.Copy(item));
        return to;
    }
}

internal sealed class DictionaryCopier<TKey, TValue> : Copier
    where TKey : notnull
{
    public override object CopyObject(object original, CopyContext context)
    {
        var from = (Dictionary<TKey, TValue>)original;
        var to = new Dictionary<TKey, TValue>(from.Count, from.Comparer);
        context.Remember(original, to);
        foreach (var (key, value) in from) to[context.Copy(key)] = context.Copy(value);
        return to;
    }
}

internal sealed class SortedDictionaryCopier<TKey, TValue> : Copier
    where TKey : notnull
{
    public override object CopyObject(object original, CopyContext context)
    {
        var from = (SortedDictionary<TKey, TValue>)original;
        var to = new SortedDictionary<TKey, TValue>(from.Comparer);
        context.Remember(original, to);
        foreach (var (key, value) in from) to[context.Copy(key)] = context.Copy(value);
        return to;
    }
}
