namespace Orleans.Runtime;

/// <summary>What the current thread is doing for a grain.</summary>
internal static class Turn
{
    /// <summary>The call whose turn runs on this thread; null outside turns, and in turns that belong to no call.</summary>
    [ThreadStatic]
    public static GrainCallBase? Current;
}
