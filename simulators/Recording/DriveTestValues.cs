using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SmartCity.Simulators;

/// <summary>Settings of an import as people write them, in flags and in mapping files. What is wrong is an <see cref="ArgumentException"/> that says what to write instead.</summary>
internal static partial class DriveTestValues
{
    public static TimeSpan Zone(string text) =>
        TimeSpan.TryParse(text.TrimStart('+'), CultureInfo.InvariantCulture, out var zone) && text.Contains(':', StringComparison.Ordinal) && zone.Duration() <= TimeSpan.FromHours(14)
            ? zone
            : throw new ArgumentException($"'{text}' is no zone; write +07:00.");

    public static double Factor(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && double.IsFinite(factor) && factor != 0
            ? factor
            : throw new ArgumentException($"'{text}' is no factor; write for example 1000.");

    public static char Delimiter(string text) => text switch
    {
        "tab" or "\\t" => '\t',
        "comma" => ',',
        "semicolon" => ';',
        "bar" => '|',
        [var one] => one,
        _ => throw new ArgumentException($"'{text}' is no delimiter; write one character, or comma, semicolon, tab or bar."),
    };

    public static char Decimal(string text) => text switch
    {
        "." or "point" => '.',
        "," or "comma" => ',',
        _ => throw new ArgumentException($"'{text}' is no decimal separator; write point or comma."),
    };

    /// <summary>By the name that the Internet knows it by, such as windows-1258 or utf-16.</summary>
    public static Encoding Encoding(string text)
    {
        System.Text.Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            return System.Text.Encoding.GetEncoding(text, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException)
        {
            throw new ArgumentException($"'{text}' is no encoding; write utf-8, utf-16, windows-1252 or windows-1258.");
        }
    }

    public static string Plmn(string text) =>
        PlmnText().IsMatch(text) ? text : throw new ArgumentException($"'{text}' is no PLMN; write country and network, such as 452-04.");

    /// <summary>A field that a log can have.</summary>
    public static string Field(string text) =>
        DriveTestColumns.Fields.Contains(text) ? text : throw new ArgumentException($"there is no field '{text}'; did you mean '{Nearest.Of(text, DriveTestColumns.Fields)}'? Fields: {string.Join(", ", DriveTestColumns.Fields)}.");

    /// <summary>A field that is a number and can have a factor.</summary>
    public static string Scaled(string text) =>
        DriveTestColumns.Scaled.Contains(text) ? text : throw new ArgumentException($"'{text}' has no factor; did you mean '{Nearest.Of(text, DriveTestColumns.Scaled)}'? Fields with one: {string.Join(", ", DriveTestColumns.Scaled)}.");

    /// <summary>Country and network as logs write them: <c>452-04</c> or <c>45204</c>.</summary>
    [GeneratedRegex("^([0-9]{3})-?([0-9]{2,3})$")]
    public static partial Regex PlmnText();
}
