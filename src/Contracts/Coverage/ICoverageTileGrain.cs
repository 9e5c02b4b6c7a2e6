namespace SmartCity.Contracts;

/// <summary>Coverage of one operator in one base tile. The key is <c>{plmn}/{zoom}/{x}/{y}</c>, such as <c>452-04/17/104213/61234</c>.</summary>
public interface ICoverageTileGrain : IGrainWithStringKey
{
    ValueTask Take([Immutable] CoverageSample sample);

    /// <summary>Hands changed histograms to the store's next commit.</summary>
    /// <param name="dueMs">The server's time; Unix milliseconds.</param>
    ValueTask Flush(long dueMs);
}
