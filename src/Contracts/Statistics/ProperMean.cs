using System.Buffers;

namespace SmartCity.Contracts;

/// <summary>Mergeable sums behind a mean other than the arithmetic one.</summary>
/// <remarks>A class, so that the windows of the many metrics without such a mean hold a null and no sums.</remarks>
[GenerateSerializer]
internal sealed class ProperMean
{
    private const double Tiny = 1e-9; // a resultant so short has no direction: 0° and 180° cancel out

    [Id(0)] private MeanKind _kind;
    [Id(1)] private long _count; // readings in the sums; states of earlier versions have none
    [Id(2)] private double _a; // Σ10^(x/10), or Σsin
    [Id(3)] private double _b; // Σcos

    /// <summary>Level of the mean power; NaN for other metrics.</summary>
    public double Power => _kind == MeanKind.Power && _count > 0 ? 10 * Math.Log10(_a / _count) : double.NaN;

    /// <summary>Mean direction, degrees from 0 to below 360; NaN for other metrics, and when directions cancel out.</summary>
    public double Direction
    {
        get
        {
            if (_kind != MeanKind.Vector || Math.Sqrt((_a * _a) + (_b * _b)) < Tiny * _count || _count == 0) return double.NaN;
            var degrees = double.RadiansToDegrees(Math.Atan2(_a, _b));
            return degrees < 0 ? Math.Min(degrees + 360, Math.BitDecrement(360.0)) : degrees;
        }
    }

    public void Add(double value, MeanKind kind)
    {
        _kind = kind;
        _count++;
        if (kind == MeanKind.Power) _a += Math.Pow(10, value / 10);
        else
        {
            var (sin, cos) = Math.SinCos(double.DegreesToRadians(value));
            (_a, _b) = (_a + sin, _b + cos);
        }
    }

    public void Merge(ProperMean other)
    {
        _kind = other._kind;
        (_count, _a, _b) = (_count + other._count, _a + other._a, _b + other._b);
    }

    /// <summary>An independent copy.</summary>
    public ProperMean Clone() => (ProperMean)MemberwiseClone();

    public void WriteTo(IBufferWriter<byte> writer)
    {
        writer.GetSpan(1)[0] = (byte)_kind;
        writer.Advance(1);
        Varint.Write(writer, (ulong)_count);
        Varint.WriteDouble(writer, _a);
        Varint.WriteDouble(writer, _b);
    }

    /// <exception cref="InvalidDataException">The bytes are no such state.</exception>
    public static ProperMean ReadFrom(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || source[0] is 0 or > (byte)MeanKind.Vector) throw new InvalidDataException("A stored window state has a mean that this program does not know.");
        var kind = (MeanKind)source[0];
        source = source[1..];
        return new() { _kind = kind, _count = Varint.ReadCount(ref source, long.MaxValue), _a = Varint.ReadDouble(ref source), _b = Varint.ReadDouble(ref source) };
    }
}
