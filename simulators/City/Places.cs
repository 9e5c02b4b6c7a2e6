using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>The cities of the three regions: centres of the domain reference, part E, and the capitals of the other units of 2021 (± 0.02°).</summary>
public static class Places
{
    /// <summary>In the order in which they get devices: the centres of the regions first, then the larger of the rest.</summary>
    public static IReadOnlyList<Place> All { get; } =
    [
        new("hn", "Hà Nội", "hn", 21.028, 105.854),
        new("dn", "Đà Nẵng", "dn", 16.054, 108.202, Coast.DaNang, 1),
        new("sg", "TP. Hồ Chí Minh", "sg", 10.777, 106.701, Coast.South, 0.75, 2),
        new("hp", "Hải Phòng", "hp", 20.845, 106.688, Coast.Tonkin, 1, 0.5),
        new("hue", "Huế", "hue", 16.464, 107.591, Coast.Hue, 0.8, 1),
        new("bd", "Thủ Dầu Một", "bd", 10.980, 106.652, Coast.South, 0.55, 4),
        new("qn", "Hạ Long", "qn", 20.951, 107.078, Coast.Tonkin, 1.15),
        new("qna", "Tam Kỳ", "qna", 15.573, 108.474, Coast.DaNang, 0.8, 0.5),
        new("dna", "Biên Hòa", "dna", 10.957, 106.843, Coast.South, 0.55, 4),
        new("bn", "Bắc Ninh", "bn", 21.186, 106.076),
        new("bdi", "Quy Nhơn", "bdi", 13.782, 109.219, Coast.QuyNhon, 1),
        new("vt", "Vũng Tàu", "vt", 10.346, 107.084, Coast.South, 1),
        new("td", "Thủ Đức", "sg", 10.850, 106.755, Coast.South, 0.7, 2.5),
        new("hd", "Hải Dương", "hd", 20.940, 106.333, Coast.Tonkin, 0.5, 3),
        new("hy", "Hưng Yên", "hy", 20.646, 106.051, Coast.Tonkin, 0.2, 5),
        new("vp", "Vĩnh Yên", "vp", 21.309, 105.605),
        new("qng", "Quảng Ngãi", "qng", 15.120, 108.792, Coast.DaNang, 0.7, 1),
        new("bp", "Đồng Xoài", "bp", 11.535, 106.883),
        new("tn", "Tây Ninh", "tn", 11.310, 106.098, Coast.South, 0.1, 8),
        new("la", "Tân An", "la", 10.536, 106.413, Coast.South, 0.45, 4),
        new("tg", "Mỹ Tho", "tg", 10.354, 106.364, Coast.South, 0.75, 1.5),
    ];

    /// <summary>The place of a code; null when there is none.</summary>
    public static Place? Find(string code) => All.FirstOrDefault(p => p.Code == code);

    /// <summary>
    /// Codes of the places that a unit means to somebody who names it at a time: those of the unit of 2021, and those that it has taken in by then.
    /// So <c>vt</c> is Vũng Tàu at any time, and <c>sg</c> has Vũng Tàu in it since 2025-07-01.
    /// </summary>
    public static IEnumerable<string> Within(string unit, DateTimeOffset moment) =>
        All.Where(p => p.Unit == unit || Geography.Default.InForce(p.Unit, moment)?.Code == unit).Select(p => p.Code);
}
