namespace SmartCity.Contracts;

/// <summary>Where a device grain tells watchers about new values. Never blocks, never grows: a slow watcher misses intermediate values, never the last.</summary>
public interface ILiveFeed
{
    /// <summary>True when somebody watches the device; asked before anything is put together.</summary>
    bool IsWatched(string deviceId);

    /// <summary>New values of a watched device.</summary>
    void Publish(string deviceId, DeviceMessage message);
}
