namespace SmartCity.Silo;

/// <summary>What the grain host of this stack can tell of itself.</summary>
internal interface IGrainView
{
    Task<GrainsAnswer> ReadAsync(CancellationToken cancellationToken);
}
