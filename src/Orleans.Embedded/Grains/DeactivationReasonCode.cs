namespace Orleans;

/// <summary>Why a grain leaves the memory.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>No reason was given.</summary>
    None,

    /// <summary>The host shuts down.</summary>
    ShuttingDown,

    /// <summary>The grain was idle for longer than its collection age.</summary>
    ActivationIdle,

    /// <summary>The grain asked for it with <c>DeactivateOnIdle</c>.</summary>
    ApplicationRequested,

    /// <summary>The memory runs short, and the grain was among those idle for longest.</summary>
    HighMemoryPressure,
}
