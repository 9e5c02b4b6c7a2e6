using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// Writes windows as InfluxDB line protocol, UTF-8, timestamps in milliseconds (<c>precision=ms</c>):
/// <code>
/// reading_1m,device=D,kind=K,region=R,unit=U pm25_count=12i,pm25_min=1.5,… 1764000000000
/// area_1m,area=A,kind=K pm25_count=12i,… 1764000000000
/// </code>
/// One line per device (or area), stream and start holds all its metrics. A number that is not finite is not written: empty is unknown.
/// </summary>
/// <remarks>
/// Line protocol has no escape for a line break, and none for a backslash before a delimiter, so control characters and a trailing
/// backslash in a name become '_'. Device ids and metric names that the gateway accepts have neither.
/// </remarks>
public static partial class LineProtocol
{

    /// <summary>Suffixes of a metric's fields; the first is an integer. A level has <c>_powermean</c> besides, a direction <c>_vectormean</c>, a counter <c>_increase</c> and the integer <c>_resets</c>.</summary>
    public static IReadOnlyList<string> FieldSuffixes { get; } =
        ["_count", "_min", "_max", "_mean", "_stddev", "_sum", "_first", "_last", "_p50", "_p95", "_p99"];

    private const int MaxStackBytes = 512;

    /// <summary>Encodes windows into gzipped chunks within the batch limits of <paramref name="options"/>.</summary>
    public static IReadOnlyList<LineChunk> Chunks(
        IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas, InfluxOptions options, LineTarget target = LineTarget.Windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        ArgumentNullException.ThrowIfNull(areas);
        ArgumentNullException.ThrowIfNull(options);
        var batcher = new LineBatcher(options.MaxBatchLines, options.MaxBatchBytes, target);
        foreach (var row in Rows(windows, static w => (w.DeviceId, w.Stream, w.StartMs)))
        {
            var first = windows[row[0]];
            WriteDeviceHead(batcher.Lines, first.DeviceId, first.Stream, target);
            var written = 0;
            for (var at = 0; at < row.Count; at++)
            {
                var window = windows[row[at]];
                if (!IsReplaced(windows, row, at, static w => w.Metric)) written += WriteFields(batcher.Lines, window.Metric, window.Aggregate, written == 0);
            }

            if (written == 0) batcher.DropLine();
            else EndLine(batcher, first.StartMs);
        }

        foreach (var row in Rows(areas, static w => (w.Area, w.Kind, w.StartMs)))
        {
            var first = areas[row[0]];
            WriteAreaHead(batcher.Lines, first.Area, first.Kind, target);
            var written = 0;
            for (var at = 0; at < row.Count; at++)
            {
                var window = areas[row[at]];
                if (!IsReplaced(areas, row, at, static w => w.Metric)) written += WriteFields(batcher.Lines, window.Metric, window.Aggregate, written == 0);
            }

            if (written == 0) batcher.DropLine();
            else EndLine(batcher, first.StartMs);
        }

        return batcher.Finish();
    }

    /// <summary>Measurement and tags of a device's line. An empty tag is left out, as the protocol demands; tags are in key order.</summary>
    public static void WriteDeviceHead(IBufferWriter<byte> writer, string deviceId, StreamName stream, LineTarget target = LineTarget.Windows)
    {
        ArgumentNullException.ThrowIfNull(stream);
        writer.Write("reading"u8);
        writer.Write(LengthOf(target));
        WriteTag(writer, ",device="u8, deviceId);
        WriteTag(writer, ",kind="u8, stream.Kind);
        WriteTag(writer, ",region="u8, stream.Region);
        WriteTag(writer, ",unit="u8, stream.Unit);
        writer.Write(" "u8);
    }

    /// <summary>Measurement and tags of an area's line.</summary>
    public static void WriteAreaHead(IBufferWriter<byte> writer, string area, string kind, LineTarget target = LineTarget.Windows)
    {
        writer.Write("area"u8);
        writer.Write(LengthOf(target));
        WriteTag(writer, ",area="u8, area);
        WriteTag(writer, ",kind="u8, kind);
        writer.Write(" "u8);
    }

    /// <summary>Writes the fields of a metric, those that are finite: eleven, a twelfth of levels and directions, two more of counters.</summary>
    /// <param name="first">True when the line has no field yet.</param>
    /// <returns>How many fields were written; 0 for a window without readings.</returns>
    public static int WriteFields(IBufferWriter<byte> writer, string metric, WindowAggregate aggregate, bool first)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(aggregate);
        if (aggregate.Count == 0) return 0;
        var rented = metric.Length * 6 > MaxStackBytes ? ArrayPool<byte>.Shared.Rent(metric.Length * 6) : null;
        var buffer = rented ?? stackalloc byte[MaxStackBytes];
        var key = (ReadOnlySpan<byte>)buffer[..Escape(metric, buffer)];

        var count = WriteInteger(writer, key, "_count="u8, aggregate.Count, first)
            + WriteField(writer, key, "_min="u8, aggregate.Min)
            + WriteField(writer, key, "_max="u8, aggregate.Max)
            + WriteField(writer, key, "_mean="u8, aggregate.Mean)
            + WriteField(writer, key, "_stddev="u8, aggregate.StdDev)
            + WriteField(writer, key, "_sum="u8, aggregate.Sum)
            + WriteField(writer, key, "_first="u8, aggregate.First)
            + WriteField(writer, key, "_last="u8, aggregate.Last)
            + WriteField(writer, key, "_p50="u8, aggregate.Quantile(0.5))
            + WriteField(writer, key, "_p95="u8, aggregate.Quantile(0.95))
            + WriteField(writer, key, "_p99="u8, aggregate.Quantile(0.99))
            + WriteField(writer, key, "_powermean="u8, aggregate.PowerMean)
            + WriteField(writer, key, "_vectormean="u8, aggregate.VectorMean);
        if (WriteField(writer, key, "_increase="u8, aggregate.Increase) > 0) count += 1 + WriteInteger(writer, key, "_resets="u8, aggregate.Resets, first: false);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return count;
    }

    private static int WriteInteger(IBufferWriter<byte> writer, ReadOnlySpan<byte> metric, ReadOnlySpan<byte> suffix, long value, bool first)
    {
        if (!first) writer.Write(","u8);
        writer.Write(metric);
        writer.Write(suffix);
        var span = writer.GetSpan(21);
        Utf8Formatter.TryFormat(value, span, out var length);
        span[length++] = (byte)'i';
        writer.Advance(length);
        return 1;
    }

    /// <summary>Name of the measurement with windows, or rows of a tier, of devices or areas.</summary>
    public static string MeasurementOf(LineTarget target, bool area) => (area ? "area" : "reading") + Encoding.UTF8.GetString(LengthOf(target));

    private static ReadOnlySpan<byte> LengthOf(LineTarget target) => target switch
    {
        LineTarget.Windows => "_1m"u8,
        LineTarget.QuarterHours => "_15m"u8,
        LineTarget.Hours => "_1h"u8,
        LineTarget.Days => "_1d"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(target), target, "Readings have lines of their own."),
    };

    private static int WriteField(IBufferWriter<byte> writer, ReadOnlySpan<byte> metric, ReadOnlySpan<byte> suffix, double value)
    {
        if (!double.IsFinite(value)) return 0;
        writer.Write(","u8);
        writer.Write(metric);
        writer.Write(suffix);
        var span = writer.GetSpan(32);
        value.TryFormat(span, out var length, default, System.Globalization.CultureInfo.InvariantCulture); // shortest that reads back the same
        writer.Advance(length);
        return 1;
    }

    private static void WriteTag(IBufferWriter<byte> writer, ReadOnlySpan<byte> key, string value)
    {
        if (value.Length == 0) return;
        writer.Write(key);
        writer.Advance(Escape(value, writer.GetSpan(value.Length * 6)));
    }

    private static void EndLine(LineBatcher batcher, long startMs)
    {
        var span = batcher.Lines.GetSpan(24);
        span[0] = (byte)' ';
        Utf8Formatter.TryFormat(startMs, span[1..], out var length);
        span[length + 1] = (byte)'\n';
        batcher.Lines.Advance(length + 2);
        batcher.EndLine(startMs);
    }

    /// <summary>The name as InfluxDB stores it: see the remarks above.</summary>
    internal static string Sanitize(string value)
    {
        if (value.Any(char.IsControl)) value = string.Concat(value.Select(c => char.IsControl(c) ? '_' : c));
        return value.EndsWith('\\') ? value[..^1] + "_" : value;
    }

    // Tag keys, tag values and field keys share their rules: comma, equals sign and space are escaped.
    private static int Escape(string value, Span<byte> target)
    {
        var length = 0;
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.Value is ',' or '=' or ' ') target[length++] = (byte)'\\';
            length += (Rune.IsControl(rune) ? new Rune('_') : rune).EncodeToUtf8(target[length..]);
        }

        if (length > 0 && target[length - 1] == (byte)'\\') target[length - 1] = (byte)'_';
        return length;
    }

    // The same window twice in one commit: the later row replaces the earlier one, and a line must not name a field twice.
    private static bool IsReplaced<T>(IReadOnlyList<T> windows, List<int> row, int at, Func<T, string> metricOf)
    {
        var metric = metricOf(windows[row[at]]);
        for (var later = at + 1; later < row.Count; later++)
        {
            if (metricOf(windows[row[later]]) == metric) return true;
        }

        return false;
    }

    // Groups without a list per group: 100,000 windows come as lines of a few metrics each, in the order in which each line first appears.
    private static IEnumerable<List<int>> Rows<T, TKey>(IReadOnlyList<T> windows, Func<T, TKey> keyOf)
        where TKey : notnull
    {
        var heads = new Dictionary<TKey, (int Head, int Tail)>(windows.Count);
        var next = new int[windows.Count];
        for (var i = 0; i < next.Length; i++)
        {
            next[i] = -1;
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(heads, keyOf(windows[i]), out var known);
            if (known) next[entry.Tail] = i;
            else entry.Head = i;
            entry.Tail = i;
        }

        var row = new List<int>();
        foreach (var (head, _) in heads.Values)
        {
            row.Clear();
            for (var i = head; i >= 0; i = next[i]) row.Add(i);
            yield return row;
        }
    }
}
