using System.Text;

namespace SmartCity.Simulators;

/// <summary>
/// All messages of a city in the order of their measurement, without clock or network: the same options and start give the same bytes.
/// </summary>
public sealed class CityTraffic : IDisposable
{
    private readonly PriorityQueue<Entry, (long DueMs, int Index)> _due = new();
    private readonly Measurement _measurement = new();
    private readonly CityConditions _conditions;
    private readonly RadioNetwork _radio;
    private Entry? _current;

    /// <param name="startMs">Unix milliseconds from which on devices measure.</param>
    public CityTraffic(CityOptions options, long startMs)
    {
        var world = new CityWorld(options, startMs);
        _conditions = world.Conditions;
        _radio = world.Radio;
        var specs = options.Network is { } network ? Fleet(world, network) : Fleet(world, options.Devices);

        // A network keeps the intervals of real phones; the devices of a city share its rate.
        var rate = options.Network is null ? specs.Sum(s => s.Spec.PeriodSeconds is null ? 1 / s.Interval : 0) : options.Rate;
        var index = 0;
        foreach (var (kind, spec, interval) in specs)
        {
            var intervalMs = Math.Max(1, (long)Math.Round(interval * rate / options.Rate * 1000));
            var phase = (long)(SeededRandom.For(options.Seed, $"phase/{spec.Device}").NextDouble() * intervalMs);
            if (spec.PeriodSeconds is { } period)
            {
                // UTC+7 is whole hours: its quarters of an hour are those of UTC.
                intervalMs = period * 1000L;
                phase = intervalMs - (startMs % intervalMs);
            }

            var unit = world.UnitOf(spec.Unit);
            var topic = Encoding.UTF8.GetBytes($"city/{unit.Region}/{unit.Code}/{kind}/{spec.Device}");
            _due.Enqueue(new(index, kind, topic, spec, intervalMs), (startMs + phase, index));
            index++;
        }

        DeviceCount = index;
        Problems = [.. world.Problems()];
    }

    public int DeviceCount { get; }

    /// <summary>When the next message is measured; Unix milliseconds.</summary>
    public long NextMs => _due.TryPeek(out _, out var due) ? due.DueMs : long.MaxValue;

    /// <summary>Topic of the message of the last <see cref="TryNext"/>.</summary>
    public ReadOnlyMemory<byte> Topic => _current!.Topic;

    /// <summary>Payload of the message of the last <see cref="TryNext"/>; valid until the next one.</summary>
    public ReadOnlyMemory<byte> Payload => _measurement.Json;

    /// <summary>Number of the device that sends it, 0 to <see cref="DeviceCount"/> − 1.</summary>
    public int Device => _current!.Index;

    /// <summary>When the message of the last <see cref="TryNext"/> was measured; Unix milliseconds.</summary>
    public long MeasuredMs { get; private set; }

    /// <summary>
    /// What keeps the device of the last <see cref="TryNext"/> from sending, as the truth has it: <c>scenario:</c> and its name, or <c>signal-loss</c>; null when it sends.
    /// </summary>
    public string? OffBecause { get; private set; }

    /// <summary>The scenario that holds values of the last message still; empty when none does.</summary>
    public IReadOnlyList<string> FrozenBy { get; private set; } = [];

    /// <summary>What is wrong with the 5G network and when.</summary>
    public IReadOnlyList<RadioProblem> Problems { get; }

    /// <summary>Scenarios of the run with their times.</summary>
    public CityConditions Conditions => _conditions;

    /// <summary>Makes the next message that is due at or before a time; false when there is none.</summary>
    public bool TryNext(long untilMs)
    {
        if (!_due.TryPeek(out var device, out var due) || due.DueMs > untilMs) return false;
        _current = device;
        MeasuredMs = due.DueMs;
        var intervalMs = device.IntervalMs;
        OffBecause = null;
        if (_conditions.Any) intervalMs = Prepare(device, due.DueMs);
        _measurement.Begin(device.Kind, due.DueMs, device.Still, device.StillMetrics, isWithoutPower: OffBecause is not null);
        device.Spec.Model.Measure(_measurement);
        _measurement.End();
        OffBecause ??= _measurement.NotSentBecause;
        _due.DequeueEnqueue(device, (due.DueMs + intervalMs, device.Index));
        return true;
    }

    /// <summary>Leaves out what was due before a time, as devices do that were switched off.</summary>
    public int SkipTo(long ms)
    {
        var skipped = 0;
        while (_due.TryPeek(out var device, out var due) && due.DueMs < ms)
        {
            var times = ((ms - due.DueMs - 1) / device.IntervalMs) + 1;
            _due.DequeueEnqueue(device, (due.DueMs + (times * device.IntervalMs), device.Index));
            skipped += (int)Math.Min(times, int.MaxValue - skipped);
        }

        return skipped;
    }

    public void Dispose() => _measurement.Dispose();

    /// <summary>What scenarios do to a device before it measures; the time until its next message.</summary>
    private long Prepare(Entry device, long ms)
    {
        var unit = device.Spec.Unit.Code;
        var silent = _conditions.SilentBecause(device.Spec, device.Kind, ms);
        if (device.Kind == "cell" && _radio.IsOut(device.Spec.Device, ms)) silent ??= "cell-outage";
        if (silent is not null) OffBecause = "scenario:" + silent;
        var freeze = _conditions.Freeze(unit, device.Kind, ms);
        device.Still = freeze is null ? null : device.Still ?? [];
        device.StillMetrics = freeze?.Metrics;
        FrozenBy = freeze is null ? [] : [freeze.Name];
        return device.Spec.PeriodSeconds is not null ? device.IntervalMs : Math.Max(1, (long)(device.IntervalMs / _conditions.PublishFactor(unit, ms)));
    }

    /// <summary>The cells that the network has, and the rest shared out by the kinds' shares.</summary>
    private static List<(string Kind, DeviceSpec Spec, double Interval)> Fleet(CityWorld world, int total)
    {
        var fleet = new List<(string, DeviceSpec, double)>();
        var others = DeviceKinds.All.Where(k => k is not CellKind).ToList();
        var left = Math.Max(0, total - world.Radio.Cells.Count);
        var shares = others.Sum(k => k.Share);
        var before = 0.0;
        foreach (var kind in DeviceKinds.All)
        {
            var count = world.Radio.Cells.Count;
            if (kind is not CellKind)
            {
                // Differences of rounded running sums add up to exactly what is left.
                count = (int)(Math.Round((before + kind.Share) * left / shares) - Math.Round(before * left / shares));
                before += kind.Share;
            }

            foreach (var spec in kind.Create(count, world)) fleet.Add((kind.Code, spec, spec.IntervalSeconds ?? kind.IntervalSeconds));
        }

        return fleet;
    }

    /// <summary>Cells and phones only.</summary>
    private static List<(string Kind, DeviceSpec Spec, double Interval)> Fleet(CityWorld world, NetworkOptions network) =>
    [
        .. new[] { (Kind: (IDeviceKind)new CellKind(), Count: world.Radio.Cells.Count), (new MdtKind(), network.Phones) }
            .SelectMany(k => k.Kind.Create(k.Count, world).Select(s => (k.Kind.Code, s, s.IntervalSeconds ?? k.Kind.IntervalSeconds))),
    ];

    private sealed record Entry(int Index, string Kind, byte[] Topic, DeviceSpec Spec, long IntervalMs)
    {
        /// <summary>Values that a firmware bug holds still; null while there is none.</summary>
        public Dictionary<string, double>? Still { get; set; }

        /// <summary>Metrics that it holds still; empty: all.</summary>
        public IReadOnlyList<string>? StillMetrics { get; set; }
    }
}
