namespace Orleans.Serialization;

/// <summary>Copies a struct without boxing it.</summary>
internal interface ICopyStruct<T>
{
    T Copy(T original, CopyContext context);
}
