namespace SmartCity.Gateway;

/// <summary>A mapping as it is asked for.</summary>
/// <param name="Filter">MQTT topic filter of the messages, with <c>+</c> and <c>#</c>.</param>
/// <param name="To">The topic to read instead, with <c>{1}</c>, <c>{2}</c>… for what the wildcards matched; null: as it is.</param>
/// <param name="Rename">New names of fields by their old ones; null: none.</param>
public sealed record MappingDraft(string? Filter, string? To = null, IReadOnlyDictionary<string, string>? Rename = null)
{
    private const int MaxLength = 1024;
    private const int MaxRenames = 256;

    /// <summary>Says what is wrong with it, and what would be right; null when nothing is.</summary>
    public string? Validate()
    {
        if (string.IsNullOrEmpty(Filter)) return "'filter' is missing; write an MQTT topic filter, such as plant/+/air/+.";
        if (Filter.Length > MaxLength || To?.Length > MaxLength) return $"'filter' and 'to' may have {MaxLength} characters.";
        if (Filter[0] == '$') return "'filter' begins with '$'; messages of such topics ($SYS) do not come here, and rules are not shared. Write the topic that the device publishes to.";
        if (WrongFilter(Filter) is { } wrong) return wrong;
        if (To is null && Rename is not { Count: > 0 }) return "The mapping changes nothing; write 'to' (a topic), 'rename' (new names of fields by their old ones), or both.";
        if (To is not null && WrongTemplate(To, Filter.Split('/').Count(l => l is "+" or "#")) is { } template) return template;
        if (Rename is null) return null;
        if (Rename.Count > MaxRenames) return $"'rename' may have {MaxRenames} names.";
        if (Rename.Any(r => r.Key.Length == 0 || string.IsNullOrEmpty(r.Value))) return "'rename' has an empty name; write old names with new ones, such as {\"PM2_5\":\"pm25\"}.";
        return Rename.Values.GroupBy(v => v, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice ? $"'rename' makes '{twice.Key}' of more than one name." : null;
    }

    private static string? WrongFilter(string filter)
    {
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i] is "+" || (levels[i] is "#" && i == levels.Length - 1)) continue;
            if (levels[i].AsSpan().IndexOfAny('+', '#') >= 0) return $"'{filter}' is no topic filter: '+' stands for a whole level, '#' for all that follow and only at the end.";
        }

        return filter.Contains('\0', StringComparison.Ordinal) ? "'filter' holds a character U+0000." : null;
    }

    private static string? WrongTemplate(string to, int wildcards)
    {
        if (to.Length == 0 || to.AsSpan().IndexOfAny('+', '#') >= 0) return $"'to' must be a topic, {TopicMap.Shape}, such as city/nam/sg/air/{{1}}, without '+' and '#'.";
        for (var at = to.IndexOf('{', StringComparison.Ordinal); at >= 0; at = to.IndexOf('{', at + 1))
        {
            var end = to.IndexOf('}', at);
            if (end < 0 || !int.TryParse(to.AsSpan(at + 1, end - at - 1), System.Globalization.NumberStyles.None, null, out var number) || number < 1 || number > wildcards)
            {
                return $"'to' has '{to[at..(end < 0 ? to.Length : end + 1)]}'; " + (wildcards == 0
                    ? "the filter has no wildcard that it could stand for."
                    : $"write {{1}}{(wildcards > 1 ? $" to {{{wildcards}}}" : "")} for what the wildcards of the filter matched.");
            }
        }

        return null;
    }
}
