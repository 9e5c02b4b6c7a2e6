namespace SmartCity.Gateway;

/// <summary>Readings of one object, or a whole message, that cannot be taken.</summary>
/// <param name="Readings">How many readings that is; 1 for a message that could not be decoded.</param>
internal readonly record struct Rejection(string Reason, string Detail, int Readings);
