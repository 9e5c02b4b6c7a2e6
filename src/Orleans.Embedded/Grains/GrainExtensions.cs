using System.Globalization;
using Orleans.Runtime;

namespace Orleans;

/// <summary>What a grain or a reference can say of itself.</summary>
public static class GrainExtensions
{
    /// <summary>The key of a grain or of a reference to one.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => ActivationOf(grain).Key;

    /// <summary>The key of a grain, or of a reference to one, whose interface is <see cref="IGrainWithIntegerKey"/>.</summary>
    /// <exception cref="InvalidOperationException">The grain's key is no integer.</exception>
    public static long GetPrimaryKeyLong(this IAddressable grain)
    {
        var activation = ActivationOf(grain);
        return activation.Type.HasIntegerKey && long.TryParse(activation.Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw new InvalidOperationException($"The key '{activation.Key}' of {activation.Type.Name} is no integer; use GetPrimaryKeyString.");
    }

    /// <summary>A reference to the grain that asks, to hand to others.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
    {
        Grain g when g.Activation.Reference is TGrainInterface r => r,
        Grain g when typeof(TGrainInterface).IsInstanceOfType(g) => (TGrainInterface)(object)g.Activation.Type.Runtime.ReferenceTo(typeof(TGrainInterface), g.Activation),
        TGrainInterface r => r,
        Grain or GrainReference => throw new ArgumentException($"{ActivationOf(grain).Type.Name} does not implement {typeof(TGrainInterface).Name}; ask for an interface of the grain.", nameof(grain)),
        _ => throw new ArgumentException($"{grain?.GetType().Name ?? "null"} is neither a grain nor a reference to {typeof(TGrainInterface).Name}.", nameof(grain)),
    };

    private static Activation ActivationOf(IAddressable grain) => grain switch
    {
        Grain g => g.Activation,
        GrainReference r => r.Activation,
        _ => throw new ArgumentException($"{grain?.GetType().Name ?? "null"} is neither a grain nor a grain reference.", nameof(grain)),
    };
}
