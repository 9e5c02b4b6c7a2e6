using System.Buffers.Text;
using System.Text;

namespace SmartCity.Storage;

/// <summary>Lines of line protocol, each ending in a line break.</summary>
internal readonly record struct LineText(ReadOnlyMemory<byte> Bytes, int Lines)
{
    private const int MaxSampleBytes = 512;

    public static LineText Decompress(ReadOnlyMemory<byte> body, int lines) => new(LineBatcher.Decompress(body), lines);

    public byte[] Compress() => LineBatcher.Compress(Bytes.Span);

    /// <summary>The first <paramref name="lines"/> lines, and those behind.</summary>
    public (LineText First, LineText Second) Split(int lines)
    {
        var at = 0;
        for (var line = 0; line < lines; line++) at += Bytes.Span[at..].IndexOf((byte)'\n') + 1;
        return (new(Bytes[..at], lines), new(Bytes[at..], Lines - lines));
    }

    /// <summary>Those that <paramref name="choose"/> is true for, and the others; it is given a line without its break and its place from 0.</summary>
    public (LineText Chosen, LineText Others) Part(LineChoice choose)
    {
        var chosen = new MemoryStream();
        var others = new MemoryStream();
        var count = 0;
        var rest = Bytes.Span;
        for (var place = 0; rest.Length > 0; place++)
        {
            var end = rest.IndexOf((byte)'\n');
            var length = end < 0 ? rest.Length : end + 1;
            var isChosen = choose(end < 0 ? rest : rest[..end], place);
            (isChosen ? chosen : others).Write(rest[..length]);
            if (isChosen) count++;
            rest = rest[length..];
        }

        return (new(chosen.ToArray(), count), new(others.ToArray(), Lines - count));
    }

    /// <summary>The first line, cut to a limit.</summary>
    public string Sample()
    {
        var end = Bytes.Span.IndexOf((byte)'\n');
        var line = end < 0 ? Bytes.Span : Bytes.Span[..end];
        return Encoding.UTF8.GetString(line[..Math.Min(line.Length, MaxSampleBytes)]);
    }

    /// <summary>The lines as a chunk.</summary>
    public LineChunk ToChunk()
    {
        var (first, last) = (long.MaxValue, long.MinValue);
        for (var rest = Bytes.Span; rest.Length > 0;)
        {
            var end = rest.IndexOf((byte)'\n');
            var start = Start(end < 0 ? rest : rest[..end]);
            (first, last) = (Math.Min(first, start), Math.Max(last, start));
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return new(Lines, Compress(), first, last);
    }

    /// <summary>The timestamp at the end of a line.</summary>
    public static long Start(ReadOnlySpan<byte> line) =>
        Utf8Parser.TryParse(line[(line.LastIndexOf((byte)' ') + 1)..], out long start, out _) ? start : long.MinValue;
}

/// <summary>A choice of lines.</summary>
internal delegate bool LineChoice(ReadOnlySpan<byte> line, int place);
