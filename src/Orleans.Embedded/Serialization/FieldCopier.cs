using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Copies a tuple or pair field by field. By reflection, which tuples of mutable things are rare enough for.</summary>
internal sealed class FieldCopier(Type type) : Copier
{
    private static readonly MethodInfo s_copy = typeof(CopyContext).GetMethod(nameof(CopyContext.Copy))!;

    private readonly (FieldInfo Field, MethodInfo Copy)[] _fields =
        [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(f => (f, s_copy.MakeGenericMethod(f.FieldType)))];

    public override object CopyObject(object original, CopyContext context)
    {
        var to = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var (field, copy) in _fields) field.SetValue(to, copy.Invoke(context, BindingFlags.DoNotWrapExceptions, null, [field.GetValue(original)], null));
        return to;
    }
}
