using System.Globalization;
using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>What tests ask of the API in common.</summary>
public static class Api
{
    /// <summary>Now, Unix milliseconds.</summary>
    public static long NowMs => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>RFC 3339 in UTC, fit for a query string.</summary>
    public static string Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>Items of a list.</summary>
    public static List<JsonElement> Items(this JsonElement answer) => [.. answer.GetProperty("items").EnumerateArray()];

    /// <summary>Rows of a series.</summary>
    public static List<JsonElement> Rows(this JsonElement answer) => [.. answer.GetProperty("rows").EnumerateArray()];

    /// <summary>A text field, or null.</summary>
    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();

    /// <summary>A number field.</summary>
    public static double Number(this JsonElement element, string name) => element.GetProperty(name).GetDouble();

    /// <summary>How many readings the rows have in all.</summary>
    public static long Count(this JsonElement series) => series.Rows().Sum(r => r.GetProperty("count").GetInt64());
}
