using Orleans.Runtime;

namespace Orleans;

/// <summary>Makes references to grains. A reference costs nothing until it is called; the grain is activated by its first call.</summary>
public interface IGrainFactory
{
    /// <exception cref="ArgumentException">No grain class implements the interface, or the key is empty or white space.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey)
        where TGrainInterface : IGrainWithStringKey;

    /// <exception cref="ArgumentException">No grain class implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey)
        where TGrainInterface : IGrainWithIntegerKey;
}
