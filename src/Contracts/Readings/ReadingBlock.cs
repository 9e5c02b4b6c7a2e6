namespace SmartCity.Contracts;

/// <summary>Readings of one window that no earlier commit has: what came since the window was handed over the last time. Each accepted reading is in one block.</summary>
/// <param name="StartMs">Start of the window; Unix milliseconds.</param>
/// <param name="Count">How many readings; 1 or more.</param>
/// <param name="Readings">As <see cref="ReadingCodec"/> writes them.</param>
public sealed record ReadingBlock(string DeviceId, StreamName Stream, string Metric, long StartMs, int Count, byte[] Readings);
