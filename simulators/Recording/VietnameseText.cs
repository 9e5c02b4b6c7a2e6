using System.Text;

namespace SmartCity.Simulators;

/// <summary>Composes Vietnamese letters: files from macOS have marks behind their letters, and so has windows-1258. The program runs without the tables of other languages, where
/// <see cref="string.Normalize()"/> changes nothing.</summary>
internal static class VietnameseText
{
    private const string ToneMarks = "\u0300\u0301\u0309\u0303\u0323"; // grave, acute, hook above, tilde, dot below
    private static readonly string[] s_letters = ["aàáảãạ", "ăằắẳẵặ", "âầấẩẫậ", "eèéẻẽẹ", "êềếểễệ", "iìíỉĩị", "oòóỏõọ", "ôồốổỗộ", "ơờớởỡợ", "uùúủũụ", "ưừứửữự", "yỳýỷỹỵ"];

    // Breve, circumflex and horn.
    private static readonly (char Plain, char Mark, char Shaped)[] s_shapes =
        [('a', '\u0306', 'ă'), ('a', '\u0302', 'â'), ('e', '\u0302', 'ê'), ('o', '\u0302', 'ô'), ('o', '\u031B', 'ơ'), ('u', '\u031B', 'ư')];

    private static readonly Dictionary<(char Letter, char Mark), char> s_composed = Composed();

    /// <summary>The text with one character for each letter, in whatever order its marks are; what is not Vietnamese stays as it is.</summary>
    public static string Compose(string text)
    {
        var composed = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (composed.Length > 0 && s_composed.TryGetValue((composed[^1], c), out var letter)) composed[^1] = letter;
            else composed.Append(c);
        }

        return composed.ToString();
    }

    private static Dictionary<(char Letter, char Mark), char> Composed()
    {
        var pairs = new Dictionary<(char Letter, char Mark), char>();
        foreach (var row in s_letters)
        {
            for (var tone = 0; tone < ToneMarks.Length; tone++) Add(row[0], ToneMarks[tone], row[tone + 1]);
        }

        // A letter with its tone may get its shape last: the dot below stands before the circumflex in decomposed text.
        foreach (var (plain, mark, shaped) in s_shapes)
        {
            var (from, to) = (s_letters.Single(l => l[0] == plain), s_letters.Single(l => l[0] == shaped));
            for (var i = 0; i < from.Length; i++) Add(from[i], mark, to[i]);
        }

        return pairs;

        void Add(char letter, char mark, char result)
        {
            pairs[(letter, mark)] = result;
            pairs[(char.ToUpperInvariant(letter), mark)] = char.ToUpperInvariant(result);
        }
    }
}
