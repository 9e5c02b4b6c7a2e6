namespace SmartCity.Mqtt;

/// <summary>The filter of a shared subscription, <c>$share/{group}/{filter}</c> (MQTT 5.0 §4.8.2). 3.1.1 clients may use it too, as with other brokers.</summary>
internal static class SharedFilter
{
    public const string Prefix = "$share/";

    public static bool IsShared(string filter) => filter.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Takes a shared filter apart; for any other the group is empty and the filter is the whole.</summary>
    /// <returns>False for a share name that is empty or has a wildcard, or a missing filter (MQTT-4.8.2-1, MQTT-4.8.2-2).</returns>
    public static bool TrySplit(string filter, out string group, out string inner)
    {
        (group, inner) = ("", filter);
        if (!IsShared(filter)) return true;
        var end = filter.IndexOf('/', Prefix.Length);
        if (end < 0) return false;
        (group, inner) = (filter[Prefix.Length..end], filter[(end + 1)..]);
        return group.Length > 0 && inner.Length > 0 && !group.AsSpan().ContainsAny('+', '#');
    }
}
