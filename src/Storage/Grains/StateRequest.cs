namespace SmartCity.Storage;

/// <summary>What a grain wants of one of its states.</summary>
internal enum StateWork
{
    Read,
    Write,
    Clear,
}

/// <summary>The stored version of a state; both null when there is none.</summary>
internal readonly record struct StoredState(string? ETag, byte[]? Json);

/// <summary>A request of a grain that waits for the file.</summary>
internal sealed class StateRequest(StateWork work, string grain, string name)
{
    private readonly TaskCompletionSource<StoredState> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StateWork Work { get; } = work;

    public string Grain { get; } = grain;

    public string Name { get; } = name;

    /// <summary>Version that the grain believes to be stored.</summary>
    public string? ETag { get; init; }

    public byte[]? Json { get; init; }

    /// <summary>Outcome of this request, known before the commit that it shares with others.</summary>
    public StoredState Outcome { get; set; }

    /// <summary>Why this request alone failed.</summary>
    public Exception? Refusal { get; set; }

    public Task<StoredState> Done => _done.Task;

    public void End(Exception? failure)
    {
        if ((Refusal ?? failure) is { } error) _done.SetException(error);
        else _done.SetResult(Outcome);
    }
}
