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

    /// <summary>A state of the grain was written by somebody else, and the grain let the conflict escape: it starts again from what is stored.</summary>
    ApplicationError,

    /// <summary>The grain asked for it with <c>DeactivateOnIdle</c>.</summary>
    ApplicationRequested,

    /// <summary>The memory runs short, and the grain was among those idle for longest.</summary>
    HighMemoryPressure,
}
