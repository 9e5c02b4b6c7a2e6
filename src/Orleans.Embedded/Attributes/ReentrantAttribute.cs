namespace Orleans.Concurrency;

/// <summary>Calls to grains of this class may interleave: while one awaits, another may run. Never two at once.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
