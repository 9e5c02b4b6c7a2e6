namespace SmartCity.Contracts;

/// <summary>Rows of windows, and of time tiers, kept elsewhere than in the store, perhaps longer than there. It never fails: what it cannot tell, the store has to.</summary>
public interface ISeriesHistory
{
    /// <summary>Rows of a device's metric of a kind with <c>from ≤ start &lt; to</c>, ascending by start; none that is known to be older than the store's.</summary>
    /// <param name="tier">Rows of that tier; null: of windows.</param>
    Task<IReadOnlyList<SeriesRow>> ReadDeviceAsync(string deviceId, string kind, string metric, TimeTier? tier, long fromMs, long toMs, CancellationToken cancellationToken);

    /// <summary>The same of an area.</summary>
    Task<IReadOnlyList<SeriesRow>> ReadAreaAsync(string area, string kind, string metric, TimeTier? tier, long fromMs, long toMs, CancellationToken cancellationToken);
}
