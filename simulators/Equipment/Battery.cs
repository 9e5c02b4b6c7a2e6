namespace SmartCity.Simulators;

/// <summary>
/// The battery of one device: time and messages empty it, heat and cold do so faster, a panel fills it by day, and when it is nearly empty somebody comes in working hours
/// and changes it.
/// </summary>
internal sealed class Battery
{
    /// <summary>A gauge that has aged never shows all of 100 %.</summary>
    private const double Full = 98;

    private const double Low = 12;
    private const double PerMessage = 0.0003;
    private const int MostSteps = 48;
    private readonly SeededRandom _random;
    private readonly UnitClimate _climate;
    private readonly double _perDay;
    private readonly double _panelPerDay;
    private double _level;
    private DayTime? _last;

    public Battery(SeededRandom random, UnitClimate climate, bool hasPanel)
    {
        _random = random;
        _climate = climate;
        _perDay = hasPanel ? random.Between(12, 20) : random.Between(0.08, 0.3);
        _panelPerDay = hasPanel ? random.Between(120, 170) : 0;
        _level = random.Between(hasPanel ? 60 : 25, Full);
    }

    /// <summary>The charge, %.</summary>
    /// <param name="messages">Messages sent since the last call.</param>
    /// <param name="isChanged">True when the battery was changed: the device has started anew.</param>
    public double At(DayTime time, int messages, out bool isChanged)
    {
        var last = _last ?? time;
        _last = time;
        var ms = time.UnixMs - last.UnixMs;

        // A device that is read seldom still has all of its days and nights.
        var steps = (int)Math.Clamp(ms / 3_600_000, 1, MostSteps);
        for (var i = 0; i < steps; i++) Pass(new(last.UnixMs + (ms * ((2 * i) + 1) / (2 * steps))), ms / 86_400_000.0 / steps);
        _level -= PerMessage * messages;
        isChanged = _level < Low && time.Hour is > 8 and < 17;
        if (isChanged) _level = Full - (2 * _random.NextDouble());
        return Math.Max(1, _level);
    }

    private void Pass(DayTime at, double days)
    {
        // Self-discharge about doubles every 10 °C; the cold takes capacity.
        var temperature = _climate.Temperature(at);
        var wear = temperature > 25 ? Math.Pow(2, (temperature - 25) / 10) : 1 + (0.03 * (25 - temperature));
        var sun = _panelPerDay == 0 ? 0 : _panelPerDay * at.Sun * (_climate.Rain(at) > 0.5 ? 0.15 : 1);
        _level = Math.Clamp(_level + (days * (sun - (_perDay * wear))), 0, Full);
    }
}
