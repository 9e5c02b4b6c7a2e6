using System.Text;
using System.Text.Unicode;

namespace SmartCity.Mqtt;

/// <summary>Topic names and topic filters (MQTT 5.0 §4.7).</summary>
public static class MqttTopic
{
    /// <summary>Checks a topic name: not empty, well-formed UTF-8, no U+0000, no wildcard. Null when all is well.</summary>
    public static MqttViolation? CheckName(ReadOnlySpan<byte> topic)
    {
        if (topic.IsEmpty) return new(MqttReasonCode.TopicNameInvalid, "The topic name is empty.", "MQTT-4.7.3-1");
        if (!Utf8.IsValid(topic)) return MqttViolation.Malformed("The topic name is not well-formed UTF-8.", "MQTT-1.5.4-1");
        return topic.IndexOfAny((byte)0, (byte)'+', (byte)'#') switch
        {
            < 0 => null,
            var at when topic[at] == 0 => MqttViolation.Malformed("The topic name contains U+0000.", "MQTT-1.5.4-2"),
            _ => new(MqttReasonCode.TopicNameInvalid, "The topic name contains a wildcard.", "MQTT-3.3.2-2"),
        };
    }

    /// <summary>Checks a topic filter: not empty, <c>+</c> fills a level, <c>#</c> fills the last level. Null when all is well.</summary>
    public static MqttViolation? CheckFilter(ReadOnlySpan<byte> filter)
    {
        if (filter.IsEmpty) return new(MqttReasonCode.TopicFilterInvalid, "The topic filter is empty.", "MQTT-4.7.3-1");
        if (!Utf8.IsValid(filter)) return MqttViolation.Malformed("The topic filter is not well-formed UTF-8.", "MQTT-1.5.4-1");
        for (var i = 0; i < filter.Length; i++)
        {
            var c = filter[i];
            if (c == 0) return MqttViolation.Malformed("The topic filter contains U+0000.", "MQTT-4.7.3-2");
            var startsLevel = i == 0 || filter[i - 1] == '/';
            if (c == '#' && (i != filter.Length - 1 || !startsLevel))
            {
                return new(MqttReasonCode.TopicFilterInvalid, "# is allowed only as the whole last level of a topic filter.", "MQTT-4.7.1-1");
            }

            if (c == '+' && (!startsLevel || (i != filter.Length - 1 && filter[i + 1] != '/')))
            {
                return new(MqttReasonCode.TopicFilterInvalid, "+ is allowed only as a whole level of a topic filter.", "MQTT-4.7.1-2");
            }
        }

        return null;
    }

    /// <summary>Levels of a topic name or filter: one more than its slashes.</summary>
    public static int Depth(ReadOnlySpan<byte> topic) => topic.Count((byte)'/') + 1;

    /// <summary>True when a valid filter matches a valid topic name. A wildcard in the first level matches no topic that begins with <c>$</c> (MQTT-4.7.2-1).</summary>
    public static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        if (!topic.IsEmpty && topic[0] == '$' && !filter.IsEmpty && filter[0] is (byte)'+' or (byte)'#') return false;
        int f = 0, t = 0;
        while (f < filter.Length)
        {
            if (filter[f] == '#') return true;
            if (filter[f] == '+')
            {
                while (t < topic.Length && topic[t] != '/') t++;
                f++;
            }
            else
            {
                while (f < filter.Length && filter[f] != '/')
                {
                    if (t >= topic.Length || topic[t] != filter[f]) return false;
                    f++;
                    t++;
                }

                if (t < topic.Length && topic[t] != '/') return false;
            }

            if (f == filter.Length) return t == topic.Length;

            // "sport/#" also matches "sport" itself (§4.7.1.2).
            if (t == topic.Length) return filter[f..].SequenceEqual("/#"u8);
            f++;
            t++;
            if (f == filter.Length) return t == topic.Length;
        }

        return t == topic.Length;
    }

    /// <inheritdoc cref="Matches(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public static bool Matches(string filter, string topic) => Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic));
}
