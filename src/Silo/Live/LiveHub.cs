using Microsoft.AspNetCore.SignalR;

namespace SmartCity.Silo;

/// <summary>The live hub <c>/live</c>. Server events: <c>overview</c> and <c>map</c> once a second, <c>reading</c> of watched devices.</summary>
internal sealed class LiveHub(LiveFeed feed, LiveSubscribers subscribers) : Hub
{
    public const string OverviewTopic = "overview";
    public const string MapTopic = "map";

    private const int MaxWatched = 64; // devices per connection; a page shows one
    private static readonly object s_watchedKey = new();

    public static string DeviceTopic(string id) => "device:" + id;

    public void WatchOverview() => subscribers.Add(OverviewTopic, Context.ConnectionId);

    public void UnwatchOverview() => subscribers.Remove(OverviewTopic, Context.ConnectionId);

    public void WatchMap() => subscribers.Add(MapTopic, Context.ConnectionId);

    public void UnwatchMap() => subscribers.Remove(MapTopic, Context.ConnectionId);

    /// <exception cref="HubException">The id is empty or too long, or the connection watches too many devices.</exception>
    public void WatchDevice(string id)
    {
        if (id is not { Length: > 0 and <= 64 }) throw new HubException("A device id has 1 to 64 characters.");
        var watched = Watched();
        if (watched.Count >= MaxWatched && !watched.Contains(id)) throw new HubException($"A connection may watch {MaxWatched} devices; unwatch one first.");
        if (!watched.Add(id)) return;
        feed.Watch(id);
        subscribers.Add(DeviceTopic(id), Context.ConnectionId);
    }

    public void UnwatchDevice(string id)
    {
        if (!Watched().Remove(id)) return;
        Forget(id);
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        foreach (var id in Watched()) Forget(id);
        UnwatchOverview();
        UnwatchMap();
        return base.OnDisconnectedAsync(exception);
    }

    private void Forget(string id)
    {
        feed.Unwatch(id);
        subscribers.Remove(DeviceTopic(id), Context.ConnectionId);
        subscribers.Forget(DeviceTopic(id));
    }

    // SignalR calls a connection's methods one at a time, so the set needs no lock.
    private HashSet<string> Watched()
    {
        if (Context.Items.TryGetValue(s_watchedKey, out var known)) return (HashSet<string>)known!;
        var watched = new HashSet<string>(StringComparer.Ordinal);
        Context.Items[s_watchedKey] = watched;
        return watched;
    }
}
