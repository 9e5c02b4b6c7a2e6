namespace Orleans.Runtime;

/// <summary>A grain with calls that wait or are suspended.</summary>
public sealed record MailboxInsight(string Grain, int Depth);
