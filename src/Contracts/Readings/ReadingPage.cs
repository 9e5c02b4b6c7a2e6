namespace SmartCity.Contracts;

/// <summary>Readings in the order of their marks.</summary>
/// <param name="More">True when there may be others behind the last one.</param>
public sealed record ReadingPage(IReadOnlyList<StoredReading> Readings, bool More)
{
    public static ReadingPage Empty { get; } = new([], false);

    /// <summary>Cuts sorted readings to a page; readings with the mark of the last one stay with it.</summary>
    /// <param name="more">Whether there may be others behind them already.</param>
    public static ReadingPage Of(List<StoredReading> sorted, int limit, bool more)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        if (sorted.Count <= limit) return new(sorted, more);
        var end = limit;
        while (end < sorted.Count && sorted[end].Mark == sorted[limit - 1].Mark) end++;
        return new(sorted.GetRange(0, end), more || end < sorted.Count);
    }

    /// <summary>One page of what two stores have of the same readings: a reading that both have is one.</summary>
    public static ReadingPage Union(ReadingPage one, ReadingPage other, int limit)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var (a, b) = (one.Readings, other.Readings);
        var rows = new List<StoredReading>(Math.Max(a.Count, b.Count));
        int i = 0, j = 0;
        while (i < a.Count || j < b.Count)
        {
            // Behind the end of a page that is not the last, its store may have more: what the other has there comes with the next page.
            if ((i == a.Count && one.More) || (j == b.Count && other.More)) return Of(rows, limit, true);
            var order = i == a.Count ? 1 : j == b.Count ? -1 : a[i].Mark.CompareTo(b[j].Mark);
            rows.Add(order <= 0 ? a[i] : b[j]);
            if (order <= 0) i++;
            if (order >= 0) j++;
        }

        return Of(rows, limit, one.More || other.More);
    }
}
