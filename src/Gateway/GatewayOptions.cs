namespace SmartCity.Gateway;

/// <summary>Limits of the way from a PUBLISH to a grain. Configuration section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>Folder of MQTT sessions and retained messages. Set by the host: <c>{Data}/mqtt</c>.</summary>
    public string SessionsFolder { get; set; } = "data/mqtt";

    /// <summary>File of the mappings. Set by the host: <c>{Data}/mappings.json</c>.</summary>
    public string MappingFile { get; set; } = "data/mappings.json";

    /// <summary>
    /// Partitions in which messages go to grains, many in one call; 0: each message is a call of its own. Set by the host: 0 where a call cannot be
    /// overtaken or lost, because grains are in this process.
    /// </summary>
    public int Partitions { get; set; }

    /// <summary>Number of this gateway among those that share a store; 0 when it is alone. Set by the host.</summary>
    public int Number { get; set; }

    /// <summary>How far ahead of the gateway's clock a timestamp may be, in seconds; further ones are rejected. Default 300.</summary>
    public int FutureSeconds { get; set; } = 300;

    /// <summary>How long before its arrival a reading may have been measured, in days; older ones are rejected. 0: any time. Set by the host: as long as windows are kept.</summary>
    public int PastDays { get; set; }

    /// <summary>Devices that may register. Default 2,000,000: about a gigabyte.</summary>
    public int MaxDevices { get; set; } = 2_000_000;

    /// <summary>Messages on their way to grains; at the limit the log's consumer waits. Default 8192.</summary>
    public int MaxOutstanding { get; set; } = 8192;

    /// <summary>Bytes of a payload kept with a dead letter. Default 4096.</summary>
    public int DeadLetterBytes { get; set; } = 4096;

    /// <summary>A device that sent nothing for so long is silent, in seconds. Default 300.</summary>
    public int SilentAfterSeconds { get; set; } = 300;

    /// <summary>A device whose clock is further from the gateway's is flagged as ahead or behind, in seconds. Default 30.</summary>
    public int SkewSeconds { get; set; } = 30;

    /// <summary>Says what is wrong with the options, and what would be right; null when nothing is.</summary>
    public string? Validate() => this switch
    {
        { FutureSeconds: < 0 } => $"Gateway:FutureSeconds is {FutureSeconds}; it must be 0 or more.",
        { MaxDevices: < 1 } => $"Gateway:MaxDevices is {MaxDevices}; it must be 1 or more.",
        { MaxOutstanding: < 1 } => $"Gateway:MaxOutstanding is {MaxOutstanding}; it must be 1 or more.",
        { DeadLetterBytes: < 0 } => $"Gateway:DeadLetterBytes is {DeadLetterBytes}; it must be 0 or more.",
        { SilentAfterSeconds: < 1 } => $"Gateway:SilentAfterSeconds is {SilentAfterSeconds}; it must be 1 or more.",
        { SkewSeconds: < 1 } => $"Gateway:SkewSeconds is {SkewSeconds}; it must be 1 or more.",
        _ => null,
    };
}
