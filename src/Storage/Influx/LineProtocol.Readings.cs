using System.Buffers;
using System.Buffers.Text;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// Readings as they were measured, one line per device, stream and instant:
/// <code>
/// reading_raw,device=D,kind=K,region=R,unit=U pm25_value=12.5,pm25_seq=17i,temp_value=31,temp_seq=17i 1764000000000
/// </code>
/// Of readings of the same instant, the first has no <c>seq</c> tag; every other has its number there, or InfluxDB would take it for a correction of the first. A number on
/// every line would make every line a series of its own.
/// </summary>
public static partial class LineProtocol
{
    public const string RawMeasurement = "reading_raw";

    private const string NoSequence = "none";

    /// <summary>Encodes readings into gzipped chunks within the batch limits of <paramref name="options"/>.</summary>
    public static IReadOnlyList<LineChunk> Chunks(IReadOnlyList<ReadingBlock> blocks, InfluxOptions options)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(options);
        if (blocks.Count == 0) return [];
        var batcher = new LineBatcher(options.MaxBatchLines, options.MaxBatchBytes, LineTarget.Raw);
        var readings = new List<(StoredReading Reading, string Metric)>();
        foreach (var row in Rows(blocks, static b => (b.DeviceId, b.Stream)))
        {
            readings.Clear();
            foreach (var at in row)
            {
                foreach (var reading in ReadingCodec.Decode(blocks[at].StartMs, blocks[at].Readings)) readings.Add((reading, blocks[at].Metric));
            }

            readings.Sort(static (a, b) => Compare(a.Reading, b.Reading) is not 0 and var order ? order : string.CompareOrdinal(a.Metric, b.Metric));
            for (var i = 0; i < readings.Count;)
            {
                var first = readings[i].Reading;
                WriteReadingHead(batcher.Lines, blocks[row[0]], first);
                for (var written = 0; i < readings.Count && Compare(readings[i].Reading, first) == 0; i++, written++) WriteReading(batcher.Lines, readings[i].Metric, readings[i].Reading, written == 0);
                EndLine(batcher, first.EventMs);
            }
        }

        return batcher.Finish();
    }

    // Readings that compare as 0 are of one line.
    private static int Compare(in StoredReading a, in StoredReading b) =>
        a.EventMs != b.EventMs ? a.EventMs.CompareTo(b.EventMs)
        : a.SharesInstant != b.SharesInstant ? a.SharesInstant.CompareTo(b.SharesInstant)
        : a.SharesInstant ? a.Sequence.CompareTo(b.Sequence) : 0;

    private static void WriteReadingHead(ArrayBufferWriter<byte> writer, ReadingBlock block, in StoredReading reading)
    {
        writer.Write("reading_raw"u8);
        WriteTag(writer, ",device="u8, block.DeviceId);
        WriteTag(writer, ",kind="u8, block.Stream.Kind);
        WriteTag(writer, ",region="u8, block.Stream.Region);
        if (reading.SharesInstant) WriteTag(writer, ",seq="u8, reading.Sequence == -1 ? NoSequence : ((uint)reading.Sequence).ToString(System.Globalization.CultureInfo.InvariantCulture));
        WriteTag(writer, ",unit="u8, block.Stream.Unit);
        writer.Write(" "u8);
    }

    private static void WriteReading(ArrayBufferWriter<byte> writer, string metric, in StoredReading reading, bool first)
    {
        var rented = metric.Length * 6 > MaxStackBytes ? ArrayPool<byte>.Shared.Rent(metric.Length * 6) : null;
        var buffer = rented ?? stackalloc byte[MaxStackBytes];
        var key = (ReadOnlySpan<byte>)buffer[..Escape(metric, buffer)];
        if (!first) writer.Write(","u8);
        writer.Write(key);
        writer.Write("_value="u8);
        writer.Advance(reading.Value.TryFormat(writer.GetSpan(32), out var length, default, System.Globalization.CultureInfo.InvariantCulture) ? length : 0);
        if (reading.Sequence != -1)
        {
            writer.Write(","u8);
            writer.Write(key);
            writer.Write("_seq="u8);
            var span = writer.GetSpan(12);
            Utf8Formatter.TryFormat((uint)reading.Sequence, span, out length);
            span[length] = (byte)'i';
            writer.Advance(length + 1);
        }

        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }
}
