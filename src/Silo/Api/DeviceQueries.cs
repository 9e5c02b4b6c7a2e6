using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>Lists of devices, in the order of their ids so that pages stay stable while devices register.</summary>
internal sealed class DeviceQueries(DeviceTable table, GatewayOptions options, TimeProvider clock)
{
    public const int MaxLimit = 5000;

    private readonly Lock _lock = new();
    private DeviceEntry[] _sorted = [];

    public long SilentBeforeMs => clock.GetUtcNow().ToUnixTimeMilliseconds() - (options.SilentAfterSeconds * 1000L);

    public int SkewSeconds => options.SkewSeconds;

    public DeviceEntry? Find(string id) => table.Find(id);

    /// <summary>Devices after an id that pass the filter.</summary>
    /// <exception cref="BadRequestException">The limit is out of range.</exception>
    public (List<DeviceEntry> Items, string? Next) List(Func<DeviceEntry, bool> filter, int? limit, string? after)
    {
        var most = limit ?? 100;
        if (most is < 1 or > MaxLimit) throw new BadRequestException($"'limit' must be 1 to {MaxLimit}.");
        var sorted = Sorted();
        var at = 0;
        if (after is not null)
        {
            at = FirstAfter(sorted, after);
        }

        var items = new List<DeviceEntry>();
        for (; at < sorted.Length; at++)
        {
            if (!filter(sorted[at])) continue;
            if (items.Count == most) return (items, items[^1].Id);
            items.Add(sorted[at]);
        }

        return (items, null);
    }

    private static int FirstAfter(DeviceEntry[] sorted, string id)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(sorted[middle].Id, id) <= 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private DeviceEntry[] Sorted()
    {
        lock (_lock)
        {
            if (_sorted.Length == table.Count) return _sorted;
            var all = table.All.ToArray();
            Array.Sort(all, (a, b) => string.CompareOrdinal(a.Id, b.Id));
            return _sorted = all;
        }
    }
}
