namespace SmartCity.Contracts;

/// <summary>
/// The writer of a commit and the number that it gave to it. A commit that comes again (its writer never heard how the first try ended) changes nothing.
/// A window is taken only when the one in the store is the one that it was made from, so that a host that was given up and still runs can overwrite nothing.
/// </summary>
/// <param name="Number">Grows with every commit of the writer; from 1.</param>
public sealed record CommitOrigin(string Writer, long Number);
