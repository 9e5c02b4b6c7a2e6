using Orleans.Runtime;

namespace SmartCity.Silo;

/// <summary>Asks the cluster's management grain, which counts activations only.</summary>
internal sealed class OrleansGrainView(IGrainFactory grains) : IGrainView
{
    public async Task<GrainsAnswer> ReadAsync(CancellationToken cancellationToken)
    {
        var counts = await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics().WaitAsync(cancellationToken);
        var types = counts.GroupBy(c => c.GrainType).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new GrainsAnswer.TypeRow(
            g.Key, g.Sum(c => c.ActivationCount), null, [.. g.Select(c => new GrainsAnswer.PlaceRow(c.SiloAddress.ToParsableString(), c.ActivationCount))]));
        return new("orleans", [.. types], null, null, null, null);
    }
}
