namespace SmartCity.Grains;

/// <summary>The registry of a host of a cluster: any device may have been stored, by a host that is gone.</summary>
internal sealed class SharedRegistry : IDeviceRegistry
{
    public bool IsStored(string deviceId) => true;
}
