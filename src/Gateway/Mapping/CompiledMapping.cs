using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SmartCity.Gateway;

/// <summary>A rule, made ready for matching. Used by one thread at a time.</summary>
internal sealed class CompiledMapping
{
    private readonly byte[][] _levels;
    private readonly Range[] _matched;
    private readonly List<(byte[] Text, int Wildcard)> _parts = []; // a text, or (Text empty) what a wildcard matched
    private readonly Dictionary<string, JsonEncodedText>? _rename;
    private readonly ArrayBufferWriter<byte> _topic = new();
    private readonly ArrayBufferWriter<byte> _payload = new();

    public CompiledMapping(MappingRule rule)
    {
        Rule = rule;
        _levels = [.. rule.Filter.Split('/').Select(Encoding.UTF8.GetBytes)];
        _matched = new Range[_levels.Count(l => IsPlus(l) || IsHash(l))];
        _rename = rule.Rename?.ToDictionary(r => r.Key, r => JsonEncodedText.Encode(r.Value), StringComparer.Ordinal);
        if (rule.To is { } to) Split(to);
    }

    public MappingRule Rule { get; }

    /// <summary>True when the topic is of the filter; the wildcards' parts of it are then kept for <see cref="MapTopic"/>.</summary>
    public bool Matches(ReadOnlySpan<byte> topic)
    {
        var (at, wildcard) = (0, 0);
        for (var i = 0; i < _levels.Length; i++)
        {
            if (IsHash(_levels[i]))
            {
                // Also the level above: a/# matches a (MQTT 5.0 §4.7.1.2).
                _matched[wildcard] = Math.Min(at, topic.Length)..topic.Length;
                return true;
            }

            if (at > topic.Length) return false; // the topic has fewer levels
            var length = topic[at..].IndexOf((byte)'/');
            var end = length < 0 ? topic.Length : at + length;
            if (IsPlus(_levels[i])) _matched[wildcard++] = at..end;
            else if (!topic[at..end].SequenceEqual(_levels[i])) return false;
            at = end + 1;
        }

        return at == topic.Length + 1;
    }

    /// <summary>The topic that the rule makes of one that has matched; valid until the next call.</summary>
    public ReadOnlySpan<byte> MapTopic(ReadOnlySpan<byte> topic)
    {
        if (Rule.To is null) return topic;
        _topic.ResetWrittenCount();
        foreach (var (text, wildcard) in _parts) _topic.Write(text.Length > 0 ? text : topic[_matched[wildcard]]);
        return _topic.WrittenSpan;
    }

    /// <summary>
    /// The payload with other names of fields, all at once, so that two can be exchanged; valid until the next call. What is no JSON stays as it is, for the decoder to say so. A name that is
    /// there twice afterwards is there twice.
    /// </summary>
    public ReadOnlySpan<byte> MapPayload(ReadOnlySpan<byte> payload)
    {
        if (_rename is null) return payload;
        try
        {
            return Rewrite(payload);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            if (NotFiniteLiterals.TryReplace(payload) is not { } replaced) return payload;
            try
            {
                return Rewrite(replaced);
            }
            catch (Exception again) when (again is JsonException or InvalidOperationException)
            {
                return payload;
            }
        }
    }

    private static bool IsPlus(byte[] level) => level is [(byte)'+'];

    private static bool IsHash(byte[] level) => level is [(byte)'#'];

    private ReadOnlySpan<byte> Rewrite(ReadOnlySpan<byte> payload)
    {
        _payload.ResetWrittenCount();
        var reader = new Utf8JsonReader(payload);
        using var writer = new Utf8JsonWriter(_payload, new JsonWriterOptions { SkipValidation = true });
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    writer.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    writer.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    writer.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    writer.WriteEndArray();
                    break;
                case JsonTokenType.PropertyName:
                    var name = reader.GetString()!;
                    if (_rename!.TryGetValue(name, out var next)) writer.WritePropertyName(next);
                    else writer.WritePropertyName(name);
                    break;
                case JsonTokenType.String:
                    writer.WriteStringValue(reader.GetString());
                    break;
                default:
                    writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true); // a number keeps its digits
                    break;
            }
        }

        writer.Flush();
        return _payload.WrittenSpan;
    }

    private void Split(string to)
    {
        var at = 0;
        while (at < to.Length)
        {
            var open = to.IndexOf('{', at);
            if (open != at) _parts.Add((Encoding.UTF8.GetBytes(to[at..(open < 0 ? to.Length : open)]), -1));
            if (open < 0) return;
            var close = to.IndexOf('}', open);
            _parts.Add(([], int.Parse(to.AsSpan(open + 1, close - open - 1), NumberStyles.None, CultureInfo.InvariantCulture) - 1));
            at = close + 1;
        }
    }
}
