namespace Orleans;

/// <summary>What a storage reads into and writes from.</summary>
public interface IGrainState<T>
{
    T State { get; set; }

    string? ETag { get; set; }

    bool RecordExists { get; set; }
}
