namespace SmartCity.Gateway;

/// <summary>Limits of the intake log. Configuration section <c>Intake</c>.</summary>
public sealed class IntakeOptions
{
    /// <summary>Folder of the segment files. Set by the host: <c>{Data}/intake</c>.</summary>
    public string Folder { get; set; } = "data/intake";

    /// <summary>Size of a segment file in bytes, allocated at once so that a commit changes no file size. Default 64 MiB.</summary>
    public long SegmentBytes { get; set; } = 64 << 20;

    /// <summary>Most bytes that records not yet stored may take on disk. At the limit publishers are slowed down until the store catches up. Default 16 GiB.</summary>
    public long MaxBytes { get; set; } = 16L << 30;

    /// <summary>How long records stay after the store has them, in hours, so that they can be looked at, replayed and backed up. 0: not at all. Default 48.</summary>
    public int KeepHours { get; set; } = 48;

    /// <summary>Most bytes that records may take which the store has; the oldest files go first, and all of them before the disk is full. Default 4 GiB.</summary>
    public long KeepBytes { get; set; } = 4L << 30;

    /// <summary>Bytes of the disk that the log leaves to the store, which could otherwise not take what the log holds, so that nothing would ever be free again. Default 128 MiB.</summary>
    public long ReserveBytes { get; set; } = 128 << 20;

    /// <summary>Bytes waiting for the next commit at which connections stop reading. Default 1 MiB: a commit of that size takes a millisecond or two.</summary>
    public int PauseBytes { get; set; } = 1 << 20;

    /// <summary>
    /// Least time from the beginning of one commit to that of the next, in milliseconds, while messages of several publishers come closer together. Each commit wakes half a dozen threads, so that
    /// sharing one halves the processor time per message; PUBACK comes later by as much. 0: commit at once. Default 1.
    /// </summary>
    public int CommitDelayMs { get; set; } = 1;

    /// <summary>Commits that may be under way between the log and the grains; each holds its records in memory. Default 8.</summary>
    public int Batches { get; set; } = 8;

    /// <summary>Says what is wrong with the options, and what would be right; null when nothing is.</summary>
    public string? Validate() => this switch
    {
        { SegmentBytes: < 4096 } => $"Intake:SegmentBytes is {SegmentBytes}; it must be 4096 or more.",
        _ when MaxBytes < SegmentBytes => $"Intake:MaxBytes is {MaxBytes}; the log would always be full. Write at least Intake:SegmentBytes ({SegmentBytes}).",
        { KeepHours: < 0 or > 87_600 } => $"Intake:KeepHours is {KeepHours}; it must be 0 to 87600.",
        { KeepBytes: < 0 } => $"Intake:KeepBytes is {KeepBytes}; it must be 0 or more.",
        { ReserveBytes: < 0 } => $"Intake:ReserveBytes is {ReserveBytes}; it must be 0 or more.",
        { PauseBytes: < 1024 } => $"Intake:PauseBytes is {PauseBytes}; it must be 1024 or more.",
        { CommitDelayMs: < 0 or > 1000 } => $"Intake:CommitDelayMs is {CommitDelayMs}; it must be 0 (commit at once) to 1000.",
        { Batches: < 1 } => $"Intake:Batches is {Batches}; it must be 1 or more.",
        _ => null,
    };
}
