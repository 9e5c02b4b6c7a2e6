namespace SmartCity.Contracts;

/// <summary>Coverage of one operator in one base tile. The key is <c>{plmn}/{zoom}/{x}/{y}</c>, such as <c>452-04/17/104213/61234</c>.</summary>
public interface ICoverageTileGrain : IGrainWithStringKey
{
    /// <summary>Counts samples of windows that have closed (or what late readings add to them). Takes all of them or, when it throws, none.</summary>
    [ResponseTimeout("1.00:00:00")] // while the store is away it waits: a caller that gave up would count the readings twice or not at all
    ValueTask Absorb([Immutable] IReadOnlyList<CoverageSample> samples);

    /// <summary>Hands changed histograms to the store's next commit, and lets go of those that a commit holds.</summary>
    [ResponseTimeout("1.00:00:00")] // while the store is away it waits: a caller that gave up would count the readings twice or not at all
    ValueTask RollUp();
}
