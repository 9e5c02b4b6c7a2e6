namespace SmartCity.Grains;

/// <summary>
/// The registry of a host of a cluster: any device may have been stored, by a host that is gone. A grain asks when it is activated; a second time in
/// one process means that its first activation went away (as Orleans does when the host of its directory entry is lost), perhaps with open windows.
/// </summary>
internal sealed class SharedRegistry(WindowSchedule schedule) : IDeviceRegistry
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> _activated = new(StringComparer.Ordinal);

    public bool IsStored(string deviceId)
    {
        if (!_activated.TryAdd(deviceId, true)) schedule.ReportOrphan();
        return true;
    }

    public void MarkStored(string deviceId)
    {
        // Every device is asked for in any case.
    }
}
