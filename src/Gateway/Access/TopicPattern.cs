using System.Text;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>A rule's pattern with the values of one client filled in: a topic filter, cut into levels.</summary>
public sealed class TopicPattern
{
    private static readonly char[] s_wide = ['/', '+', '#', '\0'];
    private readonly byte[] _filter;
    private readonly string[] _levels;

    private TopicPattern(string filter)
    {
        _filter = Encoding.UTF8.GetBytes(filter);
        _levels = filter.Split('/');
    }

    /// <summary>Says what is wrong with a pattern, and what would be right; null when nothing is.</summary>
    public static string? Validate(string pattern)
    {
        for (var i = pattern.IndexOf('%', StringComparison.Ordinal); i >= 0 && i < pattern.Length; i = pattern.IndexOf('%', i + 2))
        {
            if (i + 1 == pattern.Length || pattern[i + 1] is not ('c' or 'u' or 'd' or '%'))
                return $"The pattern '{pattern}' has a % that is no placeholder; write %c (client id), %u (user), %d (device), or %% for a percent sign.";
            if (i + 2 >= pattern.Length) break;
        }

        return MqttTopic.CheckFilter(Encoding.UTF8.GetBytes(pattern)) is { } violation ? $"The pattern '{pattern}' is no topic filter: {violation.Message}" : null;
    }

    /// <summary>
    /// Fills in a client's values. Null when one is missing or would widen the pattern (<c>/ + #</c>): such a rule allows nothing.
    /// </summary>
    /// <param name="widen">For a rule that denies: then the placeholder's level stands for any, so that an odd name does not escape it.</param>
    public static TopicPattern? Fill(string pattern, string? clientId, string? user, string? device, bool widen)
    {
        var levels = pattern.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            if (!levels[i].Contains('%', StringComparison.Ordinal)) continue;
            if (FillLevel(levels[i], clientId, user, device, out var isMissing) is { } filled) levels[i] = filled;
            else if (widen && !isMissing) levels[i] = "+";
            else return null;
        }

        return new(string.Join('/', levels));
    }

    /// <summary>Whether a topic name (UTF-8) is one of the pattern's. Allocates nothing.</summary>
    public bool Matches(ReadOnlySpan<byte> topic) => MqttTopic.Matches(_filter, topic);

    /// <summary>Whether every topic that a filter can match is one of the pattern's.</summary>
    public bool Covers(string filter)
    {
        var levels = filter.Split('/');
        if (IsWild(_levels[0]) && levels[0].StartsWith('$')) return false; // a leading wildcard does not reach $SYS (MQTT-4.7.2-1)
        for (var i = 0; ; i++)
        {
            if (i < _levels.Length && _levels[i] == "#") return true; // also the parent level itself
            if (i == _levels.Length || i == levels.Length) return i == _levels.Length && i == levels.Length;
            if (levels[i] == "#") return false;
            if (_levels[i] != "+" && _levels[i] != levels[i]) return false;
        }
    }

    /// <summary>Whether there is a topic that both the pattern and a filter match.</summary>
    public bool Meets(string filter)
    {
        var levels = filter.Split('/');
        if ((IsWild(_levels[0]) && levels[0].StartsWith('$')) || (IsWild(levels[0]) && _levels[0].StartsWith('$'))) return false;
        for (var i = 0; ; i++)
        {
            if ((i < _levels.Length && _levels[i] == "#") || (i < levels.Length && levels[i] == "#")) return true;
            if (i == _levels.Length || i == levels.Length) return i == _levels.Length && i == levels.Length;
            if (_levels[i] != "+" && levels[i] != "+" && _levels[i] != levels[i]) return false;
        }
    }

    private static bool IsWild(string level) => level is "+" or "#";

    private static string? FillLevel(string level, string? clientId, string? user, string? device, out bool isMissing)
    {
        isMissing = false;
        var filled = new StringBuilder();
        for (var i = 0; i < level.Length; i++)
        {
            if (level[i] != '%')
            {
                filled.Append(level[i]);
                continue;
            }

            var value = level[++i] switch { 'c' => clientId, 'u' => user, 'd' => device, _ => "%" };
            isMissing = string.IsNullOrEmpty(value);
            if (isMissing || value!.IndexOfAny(s_wide) >= 0) return null;
            filled.Append(value);
        }

        // A value at the begin of a topic must not make it one of the broker's own.
        return filled.Length > 0 && filled[0] == '$' && level[0] == '%' ? null : filled.ToString();
    }
}
