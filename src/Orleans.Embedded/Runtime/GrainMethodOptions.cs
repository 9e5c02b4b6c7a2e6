namespace Orleans.Runtime;

/// <summary>What the attributes of a grain method say, for generated code.</summary>
[Flags]
public enum GrainMethodOptions
{
    None = 0,
    ReadOnly = 1,
    AlwaysInterleave = 2,
    OneWay = 4,
}
