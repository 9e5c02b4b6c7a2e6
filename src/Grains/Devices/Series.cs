namespace SmartCity.Grains;

/// <summary>One metric of a device in one stream: its latest value and its windows in memory, newest first.</summary>
internal struct Series
{
    public StreamName Stream;
    public string Metric;
    public MetricForm Form;

    /// <summary>Event time of <see cref="Latest"/>; <see cref="long.MinValue"/> before the first value.</summary>
    public long LatestMs;

    public double Latest;

    public OpenWindow? Windows;

    /// <summary>The window in memory that starts then, or null.</summary>
    public readonly OpenWindow? Find(long startMs)
    {
        for (var window = Windows; window is not null; window = window.Next)
        {
            if (window.StartMs == startMs) return window;
            if (window.StartMs < startMs) return null;
        }

        return null;
    }

    /// <summary>Puts a window in its place.</summary>
    public void Insert(OpenWindow window)
    {
        if (Windows is null || Windows.StartMs < window.StartMs)
        {
            window.Next = Windows;
            Windows = window;
            return;
        }

        var before = Windows;
        while (before.Next is { } next && next.StartMs > window.StartMs) before = next;
        window.Next = before.Next;
        before.Next = window;
    }

    /// <summary>Forgets windows whose every reading is in a commit up to <paramref name="committed"/>.</summary>
    public void Forget(long committed)
    {
        OpenWindow? before = null;
        for (var window = Windows; window is not null; window = window.Next)
        {
            if (window.IsDirty || window.EmittedIn > committed) before = window;
            else if (before is null) Windows = window.Next;
            else before.Next = window.Next;
        }
    }
}
