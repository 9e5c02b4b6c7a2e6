namespace Orleans;

/// <summary>Makes references to grains. A reference costs nothing until it is called; the grain is activated by its first call.</summary>
public interface IGrainFactory
{
    /// <exception cref="ArgumentException">No grain class implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey)
        where TGrainInterface : IGrainWithStringKey;
}
