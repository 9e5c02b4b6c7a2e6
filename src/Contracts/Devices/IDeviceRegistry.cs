namespace SmartCity.Contracts;

/// <summary>What a device grain may ask of the registry of its process.</summary>
public interface IDeviceRegistry
{
    /// <summary>True when the store may hold something of the device: it was stored before this process started.</summary>
    bool IsStored(string deviceId);
}
