namespace Orleans.Serialization;

/// <summary>Copies a class member by member.</summary>
public abstract class ClassCopier<T> : Copier
    where T : class
{
    /// <inheritdoc/>
    public sealed override object CopyObject(object original, CopyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var copy = Create();
        context.Remember(original, copy); // before the members, which may lead back
        CopyMembers((T)original, copy, context);
        return copy;
    }

    /// <summary>Copies the members that the type itself and its bases declare.</summary>
    public abstract void CopyMembers(T from, T to, CopyContext context);

    /// <summary>A new object without content.</summary>
    protected abstract T Create();
}
