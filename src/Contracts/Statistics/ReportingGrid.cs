namespace SmartCity.Contracts;

/// <summary>The 128-step report grids of TS 38.133 for SS-RSRP (T.10.1.6.1-1), SS-RSRQ (T.10.1.11.1-1) and SS-SINR (T.10.1.16.1-1).</summary>
public sealed class ReportingGrid
{
    public const int BinCount = 128;

    private readonly double _lowestBound; // lower bound of bin 1; bin 0 is everything below
    private readonly double _step;

    private ReportingGrid(byte code, string metric, double lowestBound, double step, int topBin, double validMin, double validMax)
    {
        Code = code;
        Metric = metric;
        _lowestBound = lowestBound;
        _step = step;
        TopBin = topBin;
        ValidMin = validMin;
        ValidMax = validMax;
    }

    /// <summary>SS-RSRP in dBm, 1 dB steps: bin n is [n−157, n−156).</summary>
    public static ReportingGrid Rsrp { get; } = new(1, "rsrp", -156, 1, 126, -156, -31);

    /// <summary>SS-RSRQ in dB, 0.5 dB steps: bin n starts at (n−87)/2.</summary>
    public static ReportingGrid Rsrq { get; } = new(2, "rsrq", -43, 0.5, 127, -43, 20);

    /// <summary>SS-SINR in dB, 0.5 dB steps: bin n starts at (n−47)/2.</summary>
    public static ReportingGrid Sinr { get; } = new(3, "sinr", -23, 0.5, 127, -23, 40);

    /// <summary>Number of the grid in stored states; never 0.</summary>
    public byte Code { get; }

    /// <summary>Metric name in an <c>mdt</c> payload.</summary>
    public string Metric { get; }

    /// <summary>Last bin that a measurement can fall in.</summary>
    public int TopBin { get; }

    public double ValidMin { get; }

    public double ValidMax { get; }

    /// <summary>The grid of an <c>mdt</c> metric, or null.</summary>
    public static ReportingGrid? Of(string metric) => metric switch
    {
        "rsrp" => Rsrp,
        "rsrq" => Rsrq,
        "sinr" => Sinr,
        _ => null,
    };

    /// <summary>The grid with a <see cref="Code"/>, or null.</summary>
    public static ReportingGrid? Find(byte code) => code switch
    {
        1 => Rsrp,
        2 => Rsrq,
        3 => Sinr,
        _ => null,
    };

    /// <summary>The report value 0–127 of a measurement in dBm or dB.</summary>
    public int BinOf(double value) => value < _lowestBound ? 0 : Math.Min(TopBin, 1 + (int)Math.Floor((value - _lowestBound) / _step));

    /// <summary>The middle of a bin, in dBm or dB.</summary>
    public double MiddleOf(int bin) => _lowestBound + ((bin - 1) * _step) + (_step / 2);
}
