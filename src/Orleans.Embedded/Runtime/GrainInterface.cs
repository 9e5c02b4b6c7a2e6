namespace Orleans.Runtime;

/// <summary>A grain interface in use: the class behind it, and how references to it are made.</summary>
internal sealed class GrainInterface(GrainTypeRuntime type, Func<GrainTarget, GrainReference> createReference, bool isKept)
{
    public GrainTypeRuntime Type { get; } = type;

    /// <summary>A reference of this interface. Activations keep the one of the interface first asked for; a class with several makes the others anew.</summary>
    public GrainReference ReferenceTo(Activation activation) => isKept ? activation.Reference : createReference(new GrainTarget(activation));
}
