using Microsoft.AspNetCore.SignalR;

namespace SmartCity.Silo;

/// <summary>The live hub <c>/live</c>. Server events: <c>overview</c> and <c>map</c> once a second, <c>reading</c> of watched devices.</summary>
internal sealed class LiveHub(LiveFeed feed) : Hub
{
    public const string OverviewGroup = "overview";
    public const string MapGroup = "map";

    private const int MaxWatched = 64; // devices per connection; a page shows one
    private static readonly object s_watchedKey = new();

    public static string DeviceGroup(string id) => "device:" + id;

    public Task WatchOverview() => Groups.AddToGroupAsync(Context.ConnectionId, OverviewGroup);

    public Task UnwatchOverview() => Groups.RemoveFromGroupAsync(Context.ConnectionId, OverviewGroup);

    public Task WatchMap() => Groups.AddToGroupAsync(Context.ConnectionId, MapGroup);

    public Task UnwatchMap() => Groups.RemoveFromGroupAsync(Context.ConnectionId, MapGroup);

    /// <exception cref="HubException">The id is empty or too long, or the connection watches too many devices.</exception>
    public async Task WatchDevice(string id)
    {
        if (id is not { Length: > 0 and <= 64 }) throw new HubException("A device id has 1 to 64 characters.");
        var watched = Watched();
        if (watched.Count >= MaxWatched && !watched.Contains(id)) throw new HubException($"A connection may watch {MaxWatched} devices; unwatch one first.");
        if (!watched.Add(id)) return;
        feed.Watch(id);
        await Groups.AddToGroupAsync(Context.ConnectionId, DeviceGroup(id));
    }

    public async Task UnwatchDevice(string id)
    {
        if (!Watched().Remove(id)) return;
        feed.Unwatch(id);
        await Groups.RemoveFromGroupAsync(Context.ConnectionId, DeviceGroup(id));
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        foreach (var id in Watched()) feed.Unwatch(id);
        return base.OnDisconnectedAsync(exception);
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
