using Orleans;

namespace SmartCity.Orleans.Tests;

public interface ILeavingGrain : IGrainWithStringKey
{
    /// <summary>Asks to leave; the grain then blocks at the gates "key leaving" (in its hook) and "key gone" (when it is disposed of, and out of the directory).</summary>
    ValueTask Leave();

    /// <summary>Appends to what all activations of the key have in common.</summary>
    ValueTask Append(int value);

    ValueTask<int[]> Appended();
}
