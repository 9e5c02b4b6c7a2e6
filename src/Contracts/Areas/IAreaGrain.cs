namespace SmartCity.Contracts;

/// <summary>One area: a unit, a region or the nation. The key is the area code.</summary>
public interface IAreaGrain : IGrainWithStringKey
{
    /// <summary>Merges closed windows (or what late readings add to them) into the area's windows.</summary>
    ValueTask Absorb([Immutable] IReadOnlyList<AreaContribution> contributions);

    /// <summary>Hands changed windows to the store's next commit and what changed to the area above.</summary>
    ValueTask RollUp();
}
