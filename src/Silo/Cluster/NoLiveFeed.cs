namespace SmartCity.Silo;

/// <summary>Nobody watches a host of grains: a gateway shows what it sends itself.</summary>
internal sealed class NoLiveFeed : ILiveFeed
{
    public bool IsWatched(string deviceId) => false;

    public void Publish(string deviceId, DeviceMessage message)
    {
    }
}
