namespace SmartCity.Gateway;

/// <summary>Which dead letters to take in again, and how to put them right.</summary>
/// <param name="Device">Of this device only; null: of all.</param>
/// <param name="Reason">With this reason only (<see cref="RejectReason"/>); null: with any.</param>
/// <param name="Topic">Changes the topic; null: as it was.</param>
/// <param name="Rename">New names of fields by their old ones; null: none.</param>
/// <param name="DryRun">Only tells what would happen.</param>
/// <param name="Limit">Most letters to look at, newest first.</param>
public sealed record ReplayRequest(
    string? Device = null, string? Reason = null, TextChange? Topic = null, IReadOnlyDictionary<string, string>? Rename = null, bool DryRun = false, int Limit = 1000);

/// <summary>Replaces every <paramref name="Replace"/> by <paramref name="With"/>.</summary>
public sealed record TextChange(string Replace, string With);

/// <summary>What a replay did, or would do.</summary>
/// <param name="Matched">Messages that were looked at.</param>
/// <param name="Replayed">Messages that are (a dry run: would be) taken.</param>
/// <param name="Refused">Messages that stay dead letters, with what is still wrong.</param>
/// <param name="DryRun">Nothing was done.</param>
public sealed record ReplayReport(int Matched, int Replayed, IReadOnlyList<ReplayRefusal> Refused, bool DryRun);

/// <summary>A message that cannot be taken as it would be after the changes.</summary>
public sealed record ReplayRefusal(long Position, string Topic, string Reason, string Detail);
