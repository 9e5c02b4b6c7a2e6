using System.Runtime.InteropServices;

namespace Orleans.Runtime;

/// <summary>A field in a cache line of its own: what one core writes all the time must not share its line with what another does.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PaddedItem
{
    [FieldOffset(64)]
    public WorkItem Value;
}

/// <inheritdoc cref="PaddedItem"/>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PaddedCount
{
    [FieldOffset(64)]
    public long Value;
}
