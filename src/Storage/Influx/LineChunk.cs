namespace SmartCity.Storage;

/// <summary>Some lines of line protocol, gzipped: one request's body. No two of them are of the same series and time.</summary>
/// <param name="Lines">How many lines.</param>
/// <param name="FirstStartMs">The earliest of their timestamps, or an earlier one.</param>
/// <param name="LastStartMs">The latest of their timestamps, or a later one.</param>
/// <param name="Target">What they are of.</param>
public sealed record LineChunk(int Lines, byte[] Body, long FirstStartMs, long LastStartMs, LineTarget Target = LineTarget.Windows);
