using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// The weather that all devices of a unit share: a smooth function of time and seed, so that it does not matter which device asks when. It keeps the last rain and the last rise of
/// rivers, which spares time and changes no value; for that reason one thread at a time may ask.
/// </summary>
public sealed class UnitClimate
{
    private readonly double[] _phases = new double[8];
    private readonly double _meanTemperature;
    private readonly double _season;
    private readonly string _unit;
    private readonly CityConditions _conditions;
    private readonly RiverRise _river;
    private (long Ms, double Rain) _lastRain = (long.MinValue, 0);

    public UnitClimate(int seed, UnitInfo unit, CityConditions? conditions = null)
    {
        _unit = unit.Code;
        _conditions = conditions ?? CityConditions.Calm;
        var random = SeededRandom.For(seed, $"climate/{unit.Code}");
        for (var i = 0; i < _phases.Length; i++) _phases[i] = random.Between(0, 2 * Math.PI);

        // The north has a winter; the south has not.
        _season = unit.Region switch { "bac" => 6.0, "trung" => 3.5, _ => 1.0 };
        _meanTemperature = unit.Region switch { "bac" => 24.5, "trung" => 26.0, _ => 28.0 };
        _river = new(Shower);
    }

    /// <summary>Air temperature, °C.</summary>
    public double Temperature(DayTime time) =>
        _meanTemperature - (_season * Math.Cos(2 * Math.PI * (time.Day - 15) / 365.25)) + (4.2 * Math.Cos(2 * Math.PI * (time.Hour - 14.5) / 24))
        + (1.5 * Wave(time, 0, 5.3)) - (2.5 * Math.Min(1, Rain(time) / 10));

    /// <summary>Relative humidity, %.</summary>
    public double Humidity(DayTime time) =>
        Math.Clamp(76 - (11 * Math.Cos(2 * Math.PI * (time.Hour - 14.5) / 24)) + (6 * Wave(time, 1, 4.1)) + Math.Min(15, 3 * Rain(time)), 25, 100);

    /// <summary>Rain, mm/h: afternoon storms on wet days, nothing most of the time, and what typhoons bring.</summary>
    public double Rain(DayTime time)
    {
        // One message asks for it many times.
        if (_lastRain.Ms != time.UnixMs) _lastRain = (time.UnixMs, Shower(time) + _conditions.Rain(_unit, time.UnixMs));
        return _lastRain.Rain;
    }

    /// <summary>Pressure at sea level, hPa, with the two tides of the tropical day.</summary>
    public double Pressure(DayTime time) => 1010 + (1.4 * Math.Cos(2 * Math.PI * (time.Hour - 9.5) / 12)) + (4 * Wave(time, 4, 6.1)) - _conditions.PressureDrop(_unit, time.UnixMs) + (_season * Math.Cos(2 * Math.PI * (time.Day - 15) / 365.25));

    /// <summary>Wind, m/s.</summary>
    public double Wind(DayTime time) => Math.Max(0.2, 2.4 + (1.2 * time.Bell(14, 4)) + (1.1 * Wave(time, 5, 2.3)) + Math.Min(6, Rain(time) / 6)) + _conditions.Wind(_unit, time.UnixMs);

    /// <summary>Wind direction, degrees.</summary>
    public double WindDirection(DayTime time) => (((135 + (70 * Wave(time, 6, 7.7)) + (40 * Wave(time, 7, 1.3))) % 360) + 360) % 360;

    /// <summary>Traffic of the unit, 0 to 1.</summary>
    public double Traffic(DayTime time) => _conditions.Traffic(_unit, time.UnixMs, time.Traffic);

    /// <summary>Factor on particles and gases of an episode, 1 or more.</summary>
    public double Pollution(DayTime time) => _conditions.Pollution(_unit, time.UnixMs);

    /// <summary>How large a crowd is, 0 or more.</summary>
    public double Crowd(DayTime time) => _conditions.Crowd(_unit, time.UnixMs);

    /// <summary>How much higher rivers stand for the rain of the last days and for typhoons, metres. It rises hours after the rain and falls slower than it rose.</summary>
    public double Flood(DayTime time) => _river.At(time.UnixMs) + _conditions.Flood(_unit, time.UnixMs);

    /// <summary>How badly the air mixes, 0.4 to 1.6: what makes particles gather in calm, dry mornings.</summary>
    public double Stagnation(DayTime time) => Math.Clamp(1 + (0.35 * Wave(time, 1, 4.1)) + (0.25 * time.Bell(6.5, 2)) - (0.1 * (Wind(time) - 2.5)) - (0.04 * Rain(time)), 0.4, 1.6);

    /// <summary>Rain of the season, without typhoons: those have floods of their own.</summary>
    private double Shower(DayTime time)
    {
        var wet = Wave(time, 2, 3.7) + (0.6 * Wave(time, 3, 1.9)) - 0.55;
        return wet <= 0 ? 0 : 30 * wet * wet * (0.25 + time.Bell(16, 2.2));
    }

    /// <summary>A smooth value of about −1 to 1 with a period in days and a weaker faster part.</summary>
    private double Wave(DayTime time, int phase, double days) =>
        (0.7 * Math.Sin((2 * Math.PI * time.Day / days) + _phases[phase])) + (0.3 * Math.Sin((2 * Math.PI * time.Day * 2.71 / days) + (2 * _phases[phase])));
}
