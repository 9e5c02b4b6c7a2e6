namespace SmartCity.Storage;

/// <summary>A chunk of the outbox with its place in the order of commits.</summary>
internal sealed record OutboxChunk(long Id, int Lines, byte[] Body, LineTarget Target = LineTarget.Windows);
