using System.Text;

namespace SmartCity.Simulators;

/// <summary>Rows of a CSV file (RFC 4180: quoted fields, doubled quotes, line breaks within quotes), with any delimiter.</summary>
/// <param name="firstLine">Number of the first line that it reads.</param>
internal sealed class CsvReader(TextReader text, char delimiter, int firstLine = 1)
{
    /// <summary>A field longer than this is a quote that never ended.</summary>
    public const int LongestField = 64 * 1024;

    private static readonly char[] s_delimiters = [',', ';', '\t', '|'];

    private int _line = firstLine;

    /// <summary>Line in which the row last read begins.</summary>
    public int Line { get; private set; }

    /// <summary>The delimiter that a header has most of: comma, semicolon, tab or bar.</summary>
    public static char Guess(string header) => s_delimiters.MaxBy(d => header.Count(c => c == d));

    /// <summary>The next row that is not blank; null at the end.</summary>
    /// <exception cref="ArgumentException">A quote does not end; the message names the line.</exception>
    public List<string>? Read()
    {
        while (ReadRow() is { } row)
        {
            if (row.Count > 1 || row[0].Trim().Length > 0) return row;
        }

        return null;
    }

    private List<string>? ReadRow()
    {
        if (text.Peek() < 0) return null;
        Line = _line;
        var row = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        while (true)
        {
            var c = text.Read();
            if (c < 0)
            {
                if (quoted) throw Unended();
                break;
            }

            if (c == '\n') _line++;
            if (quoted)
            {
                if (c != '"') field.Append((char)c);
                else if (text.Peek() == '"') field.Append((char)text.Read());
                else quoted = false;
                if (field.Length > LongestField) throw Unended();
            }
            else if (c == '"' && field.Length == 0) quoted = true;
            else if (c == delimiter)
            {
                row.Add(field.ToString());
                field.Clear();
            }
            else if (c == '\n') break;
            else if (c != '\r') field.Append((char)c);
        }

        row.Add(field.ToString());
        return row;
    }

    private ArgumentException Unended() => new($"Line {Line} has a quote that does not end within {LongestField} characters; write \"\" for a quote in a quoted field.");
}
