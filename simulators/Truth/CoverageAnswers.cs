using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>Right answers of coverage: the samples of each operator, day (UTC+7), base tile and radio quantity.</summary>
internal sealed class CoverageAnswers
{
    /// <summary>Zoom of the tiles in which samples are counted.</summary>
    public const int Zoom = TileId.BaseZoom;

    private const long DayMs = 86_400_000;
    private readonly Dictionary<CoverageKey, CoverageAnswer> _squares = [];

    public IReadOnlyDictionary<CoverageKey, CoverageAnswer> Squares => _squares;

    /// <summary>Counts what a drive-test message says of coverage.</summary>
    /// <param name="certain">False for a message that may not have arrived.</param>
    public void Add(TruthRecord record, bool certain)
    {
        if (record.Place is not { } place) return;
        var (x, y) = Tile(place.Latitude, place.Longitude);
        foreach (var (metric, value) in record.Kept)
        {
            if (ReportingGrid.Of(metric) is null) continue;
            var key = new CoverageKey(place.Plmn, AnswerTable.Floor(record.EventMs, DayMs), x, y, metric);
            if (!_squares.TryGetValue(key, out var answer)) _squares.Add(key, answer = new());
            answer.Add(record.EventMs, value, certain);
        }
    }

    /// <summary>The Web Mercator tile of a point: y = ln(tan φ + sec φ).</summary>
    private static (int X, int Y) Tile(double latitude, double longitude)
    {
        var phi = latitude * Math.PI / 180;
        var side = Math.Pow(2, Zoom);
        var y = (1 - (Math.Log(Math.Tan(phi) + (1 / Math.Cos(phi))) / Math.PI)) / 2;
        return ((int)Math.Floor((longitude + 180) / 360 * side), (int)Math.Floor(y * side));
    }
}
