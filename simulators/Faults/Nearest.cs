namespace SmartCity.Simulators;

/// <summary>The known word that a mistyped one was meant to be.</summary>
internal static class Nearest
{
    /// <summary>The word with the smallest edit distance.</summary>
    public static string Of(string text, IEnumerable<string> known) => known.MinBy(k => Distance(text, k)) ?? string.Empty;

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
