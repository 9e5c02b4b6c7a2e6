namespace Orleans.Serialization;

/// <summary>Copies a struct member by member.</summary>
public abstract class StructCopier<T> : Copier, ICopyStruct<T>
    where T : struct
{
    /// <inheritdoc/>
    public sealed override object CopyObject(object original, CopyContext context) => Copy((T)original, context);

    public abstract T Copy(T original, CopyContext context);
}
