namespace SmartCity.Storage;

/// <summary>Some lines of line protocol, gzipped: one request's body.</summary>
/// <param name="Lines">How many lines.</param>
public sealed record LineChunk(int Lines, byte[] Body);
