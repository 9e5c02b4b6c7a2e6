namespace Orleans.Concurrency;

/// <summary>The method changes nothing of the grain, so calls of such methods may interleave with each other, and with no others.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;
