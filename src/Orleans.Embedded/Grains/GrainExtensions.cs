using Orleans.Runtime;

namespace Orleans;

/// <summary>What a grain or a reference can say of itself.</summary>
public static class GrainExtensions
{
    /// <summary>The key of a grain or of a reference to one.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain switch
    {
        Grain g => g.Activation.Key,
        GrainReference r => r.Key,
        _ => throw new ArgumentException($"{grain?.GetType().Name ?? "null"} is neither a grain nor a grain reference.", nameof(grain)),
    };

    /// <summary>A reference to the grain that asks, to hand to others.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain)
        where TGrainInterface : IGrainWithStringKey => grain switch
        {
            Grain g => (TGrainInterface)(object)g.Activation.Reference,
            TGrainInterface r => r,
            _ => throw new ArgumentException($"{grain?.GetType().Name ?? "null"} is neither a grain nor a reference to {typeof(TGrainInterface).Name}.", nameof(grain)),
        };
}
