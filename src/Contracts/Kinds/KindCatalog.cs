using System.Collections.Frozen;

namespace SmartCity.Contracts;

/// <summary>The kinds the platform knows, with units and valid ranges (domain reference, parts A and D; sensor ranges where no standard gives one).</summary>
public static class KindCatalog
{
    private const double Unbounded = double.PositiveInfinity;

    private static readonly MetricForm s_rsrp = new(MeanKind.Power, ReportingGrid.Rsrp);

    /// <summary>All known kinds.</summary>
    public static IReadOnlyList<KindInfo> All { get; } =
    [
        new("air", "Không khí", "Air quality", "pm25", [], OnMains(
            new("pm1", "µg/m³", 0, 2000), new("pm25", "µg/m³", 0, 2000), new("pm10", "µg/m³", 0, 5000),
            new("no2", "µg/m³", 0, 10000), new("so2", "µg/m³", 0, 10000), new("o3", "µg/m³", 0, 5000), new("co", "µg/m³", 0, 500000),
            new("temp", "°C", -20, 70), new("rh", "%", 0, 100))),
        new("noise", "Tiếng ồn", "Noise", "laeq", [], OnBattery(new("laeq", "dB(A)", 30, 130, MetricForm.Of(MeanKind.Power)), new("lamax", "dB(A)", 30, 140))),
        new("traffic", "Giao thông", "Traffic", "speed", [], OnMains(
            new("flow", "veh/h", 0, 20000), new("motorcycles", "veh/h", 0, 20000), new("cars", "veh/h", 0, 20000),
            new("occupancy", "0–1", 0, 1), new("speed", "km/h", 0, 150))),
        new("water", "Mực nước", "Water level", "level", [], OnBattery(
            new("level", "m", -10, 30), new("flow", "m³/s", -50000, 50000), new("ph", "pH", 0, 14), new("do", "mg/L", 0, 30), new("turbidity", "NTU", 0, 10000))),
        new("weather", "Thời tiết", "Weather", "temp", [], OnBattery(
            new("temp", "°C", -5, 50), new("rh", "%", 0, 100), new("pressure", "hPa", 870, 1085),
            new("wind", "m/s", 0, 75), new("winddir", "°", 0, 360, MetricForm.Of(MeanKind.Vector)), new("rain", "mm", 0, 1000), new("uv", "index", 0, 20))),
        new("light", "Chiếu sáng", "Street light", "power", [], OnMains(
            new("power", "W", 0, 400), new("dim", "%", 0, 100), new("lux", "lx", 0, 200000))),
        new("energy", "Điện năng", "Energy", "power", [], OnMains(
            new("voltage", "V", 0, 500), new("current", "A", 0, 10000), new("power", "kW", -100000, 100000),
            new("frequency", "Hz", 45, 55), new("energy", "kWh", 0, Unbounded, MetricForm.Counter))),
        new("parking", "Bãi đỗ xe", "Parking", "occupied", [], OnMains(new("occupied", "spaces", 0, 100000), new("capacity", "spaces", 0, 100000))),
        new("waste", "Rác thải", "Waste", "fill", [], OnBattery(new("fill", "%", 0, 100), new("temp", "°C", -20, 100))),
        new("cell", "Trạm 5G", "5G cell", "RRU.PrbTotDl", [],
            new("RRU.PrbTotDl", "%", 0, 100), new("RRU.PrbTotUl", "%", 0, 100),
            new("RRU.PrbUsedDl", "PRBs", 0, 1e5), new("RRU.PrbUsedUl", "PRBs", 0, 1e5), new("RRU.PrbAvailDl", "PRBs", 0, 1e5), new("RRU.PrbAvailUl", "PRBs", 0, 1e5),
            new("RRC.ConnMean", "UEs", 0, 100000), new("RRC.ConnMax", "UEs", 0, 100000),
            new("DRB.UEThpDl", "kbit/s", 0, 1e8), new("DRB.UEThpUl", "kbit/s", 0, 1e8),
            new("DRB.PdcpSduVolumeDL", "Mbit", 0, 1e12), new("DRB.PdcpSduVolumeUL", "Mbit", 0, 1e12),
            new("RRC.ConnEstabAtt", "count", 0, 1e9), new("RRC.ConnEstabSucc", "count", 0, 1e9), new("RRC.ReEstabAtt", "count", 0, 1e9),
            new("UECNTX.ConnEstabAtt", "count", 0, 1e9), new("UECNTX.ConnEstabSucc", "count", 0, 1e9),
            new("DRB.EstabAtt", "count", 0, 1e9), new("DRB.EstabSucc", "count", 0, 1e9),
            new("QF.RelActNbr", "count", 0, 1e9), new("QF.SessionTimeUE", "s", 0, 1e12),
            new("MM.HoPrepInterReq", "count", 0, 1e9), new("MM.HoPrepInterSucc", "count", 0, 1e9),
            new("MM.HoExeInterReq", "count", 0, 1e9), new("MM.HoExeInterSucc", "count", 0, 1e9), new("MM.HoExeInterFail", "count", 0, 1e9),
            new("HO.IntraSys.TooEarly", "count", 0, 1e9), new("HO.IntraSys.TooLate", "count", 0, 1e9),
            new("PEE.AvgPower", "W", 0, 100000), new("PEE.Energy", "kWh", 0, Unbounded)),
        new("mdt", "Đo sóng 5G", "5G drive test", "rsrp", ["lat", "lon", "ncgi", "rsrp"],
            new("rsrp", "dBm", -156, -31, s_rsrp), new("rsrq", "dB", -43, 20, new MetricForm(Grid: ReportingGrid.Rsrq)), new("sinr", "dB", -23, 40, new MetricForm(Grid: ReportingGrid.Sinr)),
            new("pci", "", 0, 1007), new("arfcn", "", 0, 3279165), new("cqi", "", 0, 15), new("ri", "", 1, 8),
            new("dl", "kbit/s", 0, 1e8), new("ul", "kbit/s", 0, 1e8), new("speed", "km/h", 0, 500), new("ho", "count", 0, 1000), new("rlf", "count", 0, 1000),
            new("n1pci", "", 0, 1007), new("n1arfcn", "", 0, 3279165), new("n1rsrp", "dBm", -156, -31, s_rsrp),
            new("n2pci", "", 0, 1007), new("n2arfcn", "", 0, 3279165), new("n2rsrp", "dBm", -156, -31, s_rsrp),
            new("n3pci", "", 0, 1007), new("n3arfcn", "", 0, 3279165), new("n3rsrp", "dBm", -156, -31, s_rsrp)),
    ];

    private static readonly FrozenDictionary<string, KindInfo> s_byCode = All.ToFrozenDictionary(k => k.Code, StringComparer.Ordinal);

    private static readonly FrozenDictionary<(string Kind, string Metric), MetricForm> s_forms = All
        .SelectMany(k => k.Metrics.Where(m => m.Form is not null).Select(m => ((k.Code, m.Name), m.Form!))).ToFrozenDictionary(m => m.Item1, m => m.Item2);

    public static KindInfo? Find(string code) => s_byCode.GetValueOrDefault(code);

    /// <summary>The form of a metric; <see cref="MetricForm.Plain"/> for those that the platform does not know.</summary>
    public static MetricForm FormOf(string kind, string metric) => s_forms.GetValueOrDefault((kind, metric), MetricForm.Plain);

    /// <summary>The metrics of a kind that stands somewhere, and what such devices say of themselves: the power of their link, their firmware (major·10000 + minor·100 + patch) and how long it runs.</summary>
    private static MetricInfo[] OnMains(params MetricInfo[] own) =>
        [.. own, new("rssi", "dBm", -150, 0, MetricForm.Of(MeanKind.Power)), new("fw", "", 0, 999_999), new("uptime", "s", 0, 1e9)];

    /// <summary>As <see cref="OnMains"/>, with the charge of a battery.</summary>
    private static MetricInfo[] OnBattery(params MetricInfo[] own) => [.. OnMains(own), new("battery", "%", 0, 100)];
}
