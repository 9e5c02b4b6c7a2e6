namespace SmartCity.Grains;

/// <summary>
/// What areas are told of a device's counters (docs/specs/011-counters.md): each increase once, in the window of the reading that brought it to light. A reading that is earlier than what
/// was told already adds nothing there: what it says was part of the step across it.
/// </summary>
public sealed partial class DeviceGrain
{
    private const long LookBackMs = 32L * 86_400_000;

    // By kind and metric, whatever the stream: the step of a meter that moved belongs to where it is now. Null for a device without counters.
    private Dictionary<(string Kind, string Metric), (long Ms, double Value)>? _told;

    /// <summary>What a window says beyond what was told; it counts as told from now on. Windows must come in the order of time.</summary>
    private CounterStep Tell(DeviceWindow row)
    {
        var (key, window) = ((row.Stream.Kind, row.Metric), row.Aggregate);
        if (_told is null || !_told.TryGetValue(key, out var told))
        {
            (_told ??= [])[key] = (window.LastMs, window.Last);
            return new(window.Increase, window.Resets);
        }

        if ((window.LastMs, window.Last).CompareTo(told) > 0) _told[key] = (window.LastMs, window.Last);
        return window.IncreaseAfter(told.Ms, told.Value);
    }

    /// <summary>
    /// Finds out what was told before this activation: the last reading in the store. The stored latest value only says where to look: it may belong to a window that no commit has,
    /// and which replay brings again.
    /// </summary>
    private async Task LoadToldAsync(LatestValue latest)
    {
        var (to, found) = (services.StartOf(latest.EventMs) + services.WindowMs, (latest.EventMs, latest.Value));
        for (var length = services.WindowMs; to > latest.EventMs - LookBackMs; length *= 4)
        {
            var (from, until) = (to - length, to);
            IReadOnlyList<DeviceWindow> windows;
            try
            {
                windows = await services.LoadAsync(async () => await services.Store.ReadWindowsAsync(this.GetPrimaryKeyString(), latest.Metric, from, until, CancellationToken.None));
            }
            catch (InvalidDataException)
            {
                break; // a broken row must not keep the device from working; its latest value is as near as can be known
            }

            var last = windows.Where(w => w.Stream.Kind == latest.Kind && w.Aggregate.Count > 0).Select(w => (w.Aggregate.LastMs, w.Aggregate.Last)).DefaultIfEmpty((long.MinValue, 0)).Max();
            if (last.LastMs != long.MinValue)
            {
                found = last;
                break;
            }

            to = from;
        }

        (_told ??= [])[(latest.Kind, latest.Metric)] = found;
    }
}
