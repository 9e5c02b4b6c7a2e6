namespace Orleans.Runtime;

/// <summary>Identity of a grain: its class and its key.</summary>
public readonly record struct GrainId
{
    private readonly string _type;
    private readonly string _key;

    internal GrainId(string type, string key) => (_type, _key) = (type, key);

    /// <summary>Class and key, <c>counter/a</c>.</summary>
    public override string ToString() => $"{_type}/{_key}";
}
