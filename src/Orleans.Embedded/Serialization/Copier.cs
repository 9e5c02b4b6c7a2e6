namespace Orleans.Serialization;

/// <summary>Copies one type. Generated code derives one class per type marked <see cref="GenerateSerializerAttribute"/>.</summary>
public abstract class Copier
{
    /// <summary>A copy that shares nothing mutable with the original.</summary>
    /// <param name="context">Knows what was copied already, so that what is one object stays one object.</param>
    public abstract object CopyObject(object original, CopyContext context);
}
