namespace SmartCity.Contracts;

/// <summary>One area: a unit, a region or the nation. The key is the area code.</summary>
public interface IAreaGrain : IGrainWithStringKey
{
    /// <summary>Merges closed windows (or what late readings add to them) into the area's windows.</summary>
    [ResponseTimeout("1.00:00:00")] // while the store is away it waits: a caller that gave up would count the readings twice or not at all
    ValueTask Absorb([Immutable] IReadOnlyList<AreaContribution> contributions);

    /// <summary>Hands changed windows to the store's next commit and what changed to the area above.</summary>
    [ResponseTimeout("1.00:00:00")] // while the store is away it waits: a caller that gave up would count the readings twice or not at all
    ValueTask RollUp();
}
