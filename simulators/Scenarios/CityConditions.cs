using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// What scenarios add to the model at a time and place. A function of time, without state: it does not matter who asks when. Without scenarios nothing is added.
/// </summary>
public sealed class CityConditions
{
    private const double FloodDrainHours = 12;
    private readonly List<Timed> _events;

    public CityConditions(IReadOnlyList<Scenario> scenarios, long runStartMs)
    {
        _events =
        [
            .. scenarios.SelectMany(s => s.Events)
                .Select(e => new Timed(e, e.StartMs(runStartMs), e.StartMs(runStartMs) + (long)e.For.TotalMilliseconds, e.Units.Count == 0 ? null : PlacesOf(e, runStartMs))),
        ];
    }

    /// <summary>Nothing happens.</summary>
    public static CityConditions Calm { get; } = new([], 0);

    /// <summary>True when something can happen at all.</summary>
    public bool Any => _events.Count > 0;

    /// <summary>Events with their beginning and end, Unix milliseconds, and the codes of the places in which they happen; null: everywhere.</summary>
    public IEnumerable<(ScenarioEvent Event, long FromMs, long ToMs, IReadOnlySet<string>? Places)> Timeline => _events.Select(e => (e.Event, e.FromMs, e.ToMs, (IReadOnlySet<string>?)e.Units));

    /// <summary>Rain of a typhoon, mm/h.</summary>
    public double Rain(string unit, long ms) => 60 * Sum(ScenarioKind.Typhoon, unit, ms);

    /// <summary>Wind of a typhoon, m/s.</summary>
    public double Wind(string unit, long ms) => 24 * Sum(ScenarioKind.Typhoon, unit, ms);

    /// <summary>By how much the pressure is lower, hPa.</summary>
    public double PressureDrop(string unit, long ms) => 28 * Sum(ScenarioKind.Typhoon, unit, ms);

    /// <summary>Traffic, 0 to 1, of what it would be.</summary>
    public double Traffic(string unit, long ms, double usual)
    {
        if (_events.Count == 0) return usual;
        var more = usual + (0.75 * Sum(ScenarioKind.RushHour, unit, ms)) + (0.4 * Sum(ScenarioKind.Festival, unit, ms));
        return Math.Clamp(more * Math.Max(0.1, 1 - (0.7 * Sum(ScenarioKind.Typhoon, unit, ms))), 0, 1);
    }

    /// <summary>Factor on particles and gases, 1 or more.</summary>
    public double Pollution(string unit, long ms) => 1 + (2.5 * Sum(ScenarioKind.AirPollution, unit, ms));

    /// <summary>How large a crowd is, 0 or more.</summary>
    public double Crowd(string unit, long ms) => Sum(ScenarioKind.Festival, unit, ms);

    /// <summary>Flood of a typhoon, metres: rises while it lasts, drains for hours after.</summary>
    public double Flood(string unit, long ms)
    {
        var flood = 0.0;
        foreach (var e in _events)
        {
            if (e.Event.Kind != ScenarioKind.Typhoon || !e.Has(unit) || ms < e.FromMs) continue;
            var rise = Math.Min(1, (ms - e.FromMs) / (double)(e.ToMs - e.FromMs));
            flood += 1.8 * e.Event.Strength * rise * Math.Exp(-Math.Max(0, ms - e.ToMs) / 3_600_000.0 / FloodDrainHours);
        }

        return flood;
    }

    /// <summary>How many times as often devices send.</summary>
    public double PublishFactor(string unit, long ms) => Active(ScenarioKind.PublishStorm, unit, ms) is { } storm ? 1 + (19 * storm.Event.Strength) : 1;

    /// <summary>Why a fixed device or cell is silent; null when it is not.</summary>
    public string? SilentBecause(DeviceSpec device, string kind, long ms)
    {
        return kind == "mdt" ? null : PowerCut(device.Unit, device.Latitude, device.Longitude, ms);
    }

    /// <summary>Name of the event that keeps a place of a unit without electricity; null when it has some.</summary>
    internal string? PowerCut(UnitInfo unit, double latitude, double longitude, long ms)
    {
        foreach (var e in _events)
        {
            if (e.Event.Kind == ScenarioKind.PowerCut && e.IsActive(ms) && e.Has(unit.Code) && WardOf(unit, latitude, longitude) == e.Event.Ward) return e.Event.Name;
        }

        return null;
    }

    /// <summary>The firmware bug that a device has; null when it has none.</summary>
    public ScenarioEvent? Freeze(string unit, string kind, long ms)
    {
        foreach (var e in _events)
        {
            if (e.Event.Kind == ScenarioKind.FirmwareFreeze && e.Event.DeviceKind == kind && e.IsActive(ms) && e.Has(unit)) return e.Event;
        }

        return null;
    }

    /// <summary>True while something happens to the cell that is number <paramref name="rank"/> (from 0) of its unit's sites.</summary>
    internal bool Affects(ScenarioKind kind, RadioCell cell, int rank, long ms)
    {
        foreach (var e in _events)
        {
            if (e.Event.Kind == kind && rank < e.Event.Cells && e.IsActive(ms) && e.Has(cell.Unit.Code)) return true;
        }

        return false;
    }

    /// <summary>How many sites of a unit the events of a kind name at most, at whatever time.</summary>
    internal int MostCells(ScenarioKind kind, string unit) => _events.Where(e => e.Event.Kind == kind && e.Has(unit)).Select(e => e.Event.Cells).DefaultIfEmpty(0).Max();

    /// <summary>The strongest of its kind that is going on, at its full strength from the first moment; 0 when there is none.</summary>
    internal double Strongest(ScenarioKind kind, string unit, long ms)
    {
        var strongest = 0.0;
        foreach (var e in _events)
        {
            if (e.Event.Kind == kind && e.IsActive(ms) && e.Has(unit)) strongest = Math.Max(strongest, e.Event.Strength);
        }

        return strongest;
    }

    /// <summary>Sum of the strengths of what is going on, each rising and falling over a fifth of its time.</summary>
    internal double Sum(ScenarioKind kind, string unit, long ms)
    {
        var sum = 0.0;
        foreach (var e in _events)
        {
            if (e.Event.Kind != kind || !e.IsActive(ms) || !e.Has(unit)) continue;
            var at = (ms - e.FromMs) / (double)(e.ToMs - e.FromMs);
            sum += e.Event.Strength * Math.Min(1, 5 * Math.Min(at, 1 - at));
        }

        return sum;
    }

    /// <summary>One of eight sectors around the unit's centre, 1 to 8 clockwise from north.</summary>
    internal static int WardOf(UnitInfo unit, double latitude, double longitude)
    {
        var (east, north) = Geodesy.Offset(unit.Latitude, unit.Longitude, latitude, longitude);
        return (int)(((Geodesy.Bearing(east, north) + 360 + 22.5) % 360) / 45) + 1;
    }

    private static HashSet<string> PlacesOf(ScenarioEvent e, long runStartMs) =>
        [.. e.Units.SelectMany(u => Places.Within(u, DateTimeOffset.FromUnixTimeMilliseconds(runStartMs)))];

    private Timed? Active(ScenarioKind kind, string unit, long ms) => _events.Find(e => e.Event.Kind == kind && e.IsActive(ms) && e.Has(unit));

    private sealed record Timed(ScenarioEvent Event, long FromMs, long ToMs, HashSet<string>? Units)
    {
        public bool IsActive(long ms) => ms >= FromMs && ms < ToMs;

        public bool Has(string unit) => Units is null || Units.Contains(unit);
    }
}
