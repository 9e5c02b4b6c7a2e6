using System.Text;

namespace SmartCity.Gateway;

/// <summary>
/// The devices of this process by id. One thread adds; any thread reads. Ids are ASCII, so the bytes of a topic are compared with the string
/// without decoding them.
/// </summary>
public sealed class DeviceTable : IDeviceRegistry
{
    private DeviceEntry?[] _slots = new DeviceEntry?[1024];
    private DeviceEntry[] _all = new DeviceEntry[256];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Every device, in the order of registration; a device that registers meanwhile may be missing.</summary>
    public ReadOnlySpan<DeviceEntry> All
    {
        get
        {
            var count = Volatile.Read(ref _count);
            return Volatile.Read(ref _all).AsSpan(0, count);
        }
    }

    public DeviceEntry? Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length > 64 || !Ascii.IsValid(id)) return null;
        Span<byte> bytes = stackalloc byte[id.Length];
        Encoding.ASCII.GetBytes(id, bytes);
        return Find(bytes);
    }

    public bool IsStored(string deviceId) => Find(deviceId) is { WasStored: true };

    /// <inheritdoc/>
    public void MarkStored(string deviceId)
    {
        if (Find(deviceId) is { } device) device.WasStored = true;
    }

    internal DeviceEntry? Find(ReadOnlySpan<byte> id)
    {
        var slots = Volatile.Read(ref _slots);
        for (var i = (int)ShortHash.Compute(id) & (slots.Length - 1); slots[i] is { } entry; i = (i + 1) & (slots.Length - 1))
        {
            if (entry.Id.Length == id.Length && Ascii.Equals(id, entry.Id)) return entry;
        }

        return null;
    }

    internal void Add(DeviceEntry entry)
    {
        if (_count == _all.Length)
        {
            var larger = new DeviceEntry[_all.Length * 2];
            _all.CopyTo(larger, 0);
            Volatile.Write(ref _all, larger);
        }

        _all[_count] = entry;
        Volatile.Write(ref _count, _count + 1);
        if (_count * 2 > _slots.Length)
        {
            var larger = new DeviceEntry?[_slots.Length * 2];
            foreach (var known in All) Place(larger, known);
            Volatile.Write(ref _slots, larger);
        }
        else
        {
            Place(_slots, entry);
        }
    }

    private static void Place(DeviceEntry?[] slots, DeviceEntry entry)
    {
        Span<byte> bytes = stackalloc byte[entry.Id.Length];
        Encoding.ASCII.GetBytes(entry.Id, bytes);
        var i = (int)ShortHash.Compute(bytes) & (slots.Length - 1);
        while (slots[i] is not null) i = (i + 1) & (slots.Length - 1);
        Volatile.Write(ref slots[i], entry);
    }
}
