namespace Orleans.Runtime;

/// <summary>Identity of a chain of calls that may come back into the grains that allowed it.</summary>
internal sealed class CallChain;
