namespace SmartCity.Simulators;

/// <summary>A condition under which a platform must raise an alarm for a device: a metric that stays at or beyond a level for a time.</summary>
/// <param name="Kind">Kind of device; null: every kind that has the metric.</param>
/// <param name="Below">True when the level is a floor: the condition is a value at or below it.</param>
/// <param name="For">How long, in event time, every reading must fulfil it; zero: one reading is enough.</param>
/// <param name="Source">Where level and time come from.</param>
public sealed record AlarmRule(string Id, string? Kind, string Metric, double Level, bool Below, TimeSpan For, string Source)
{
    /// <summary>The rules that a truth answers for.</summary>
    public static IReadOnlyList<AlarmRule> Standard { get; } =
    [
        new("pm25-very-unhealthy", "air", "pm25", 150, Below: false, TimeSpan.FromHours(1), "VN_AQI, Decision 1459/QĐ-TCMT: 150 µg/m³ is index 200, the mean of an hour"),
        new("heat", "weather", "temp", 35, Below: false, TimeSpan.FromMinutes(30), "heat: 35 °C and above"),
        new("gale", "weather", "wind", 17.2, Below: false, TimeSpan.FromMinutes(10), "Beaufort 8, mean of ten minutes"),
        new("high-water", "water", "level", 3, Below: false, TimeSpan.FromMinutes(30), "level II of the Thu Bồn at Câu Lâu, Decision 05/2020/QĐ-TTg"),
        new("loud", "noise", "laeq", 85, Below: false, TimeSpan.FromMinutes(5), "15 dB above the ordinary limit by day of QCVN 26:2010"),
        new("undervoltage", "energy", "voltage", 218.5, Below: true, TimeSpan.FromMinutes(5), "230 V − 5 %"),
        new("cell-full", "cell", "RRU.PrbTotDl", 90, Below: false, TimeSpan.FromMinutes(30), "planning practice: 90 % of the resource blocks for half an hour"),
        new("cell-idle", "cell", "RRC.ConnEstabAtt", 0, Below: true, TimeSpan.FromMinutes(30), "sleeping cell, TR 36.805: reports, and nobody asks for a connection"),
        new("battery-low", null, "battery", 20, Below: true, TimeSpan.Zero, "a fifth of the charge left"),
    ];

    /// <summary>True when a value fulfils the condition.</summary>
    public bool Holds(double value) => Below ? value <= Level : value >= Level;
}
