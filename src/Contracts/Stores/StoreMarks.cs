namespace SmartCity.Contracts;

/// <summary>Intake log positions that the store remembers; −1 when it never saw a record.</summary>
public readonly record struct StoreMarks(long Checkpoint, long AcceptedThrough);
