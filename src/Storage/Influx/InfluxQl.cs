using System.Globalization;
using System.Text;

namespace SmartCity.Storage;

/// <summary>Quoting for InfluxQL: nothing in a name can end its quotes.</summary>
internal static class InfluxQl
{
    private const long MaxTimeMs = 9_223_372_036_854; // InfluxDB's clock counts nanoseconds in 64 bits

    public static string Identifier(string name) => Quote(name, '"');

    public static string Text(string value) => Quote(value, '\'');

    /// <summary>A time literal, moved into what InfluxDB can represent.</summary>
    public static string Time(long ms) => Math.Clamp(ms, -MaxTimeMs, MaxTimeMs).ToString(CultureInfo.InvariantCulture) + "ms";

    /// <summary>A measurement, in its retention policy if it has one of its own.</summary>
    public static string From(InfluxPlace place, string measurement) => (place.Policy is { } policy ? Identifier(policy) + "." : "") + Identifier(measurement);

    /// <summary>Conditions on tags, to be followed by another condition.</summary>
    public static string Where(IEnumerable<(string Key, string Value)> tags) =>
        string.Concat(tags.Select(t => $"{Identifier(t.Key)} = {Text(LineProtocol.Sanitize(t.Value))} AND "));

    private static string Quote(string value, char quote)
    {
        var text = new StringBuilder(value.Length + 8).Append(quote);
        foreach (var c in value)
        {
            if (c == '\n') text.Append("\\n");
            else if (c == quote || c == '\\') text.Append('\\').Append(c);
            else text.Append(c);
        }

        return text.Append(quote).ToString();
    }
}
