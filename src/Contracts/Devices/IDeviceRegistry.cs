namespace SmartCity.Contracts;

/// <summary>What a device grain may ask of the registry of its process.</summary>
public interface IDeviceRegistry
{
    /// <summary>True when the store may hold something of the device: it was stored before this process started, or its grain has left the memory since.</summary>
    bool IsStored(string deviceId);

    /// <summary>The device's grain leaves the memory: its next activation must ask the store.</summary>
    void MarkStored(string deviceId);
}
