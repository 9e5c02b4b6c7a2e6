namespace Orleans.Runtime;

/// <summary>What a generated reference points to; opaque to generated code.</summary>
public readonly struct GrainTarget
{
    internal GrainTarget(Activation activation) => Activation = activation;

    internal Activation Activation { get; }
}
