namespace SmartCity.Storage;

/// <summary>How long rows are kept, in days; 0: for ever. Configuration section <c>Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Windows of devices and areas. Older readings are rejected, because their window could not be corrected. Default 0.</summary>
    public int WindowDays { get; set; }

    /// <summary>Rows of 15 minutes. Default 0.</summary>
    public int QuarterDays { get; set; }

    /// <summary>Rows of an hour. Default 0.</summary>
    public int HourDays { get; set; }

    /// <summary>Rows of a day. Default 0.</summary>
    public int DayDays { get; set; }

    /// <summary>Hours of the ledger. Default 0.</summary>
    public int LedgerDays { get; set; }

    /// <summary>Says what is wrong with the options, and what would be right; null when nothing is.</summary>
    public string? Validate()
    {
        (string Name, int Days)[] tiers = [("WindowDays", WindowDays), ("QuarterDays", QuarterDays), ("HourDays", HourDays), ("DayDays", DayDays)];
        foreach (var (name, days) in (ReadOnlySpan<(string, int)>)[.. tiers, ("LedgerDays", LedgerDays)])
        {
            if (days is < 0 or 1 or > 36_500) return $"Retention:{name} is {days}; it must be 0 (for ever) or 2 to 36500 days.";
        }

        for (var i = 1; i < tiers.Length; i++)
        {
            var (below, above) = (tiers[i - 1], tiers[i]);
            if (above.Days != 0 && (below.Days == 0 || above.Days < below.Days))
                return $"Retention:{above.Name} is {above.Days} and Retention:{below.Name} is {(below.Days == 0 ? "0 (for ever)" : below.Days)}; what is summed up must be kept at least as long as what it sums up.";
        }

        return LedgerDays != 0 && (WindowDays == 0 || LedgerDays < WindowDays)
            ? $"Retention:LedgerDays is {LedgerDays} and Retention:WindowDays is {(WindowDays == 0 ? "0 (for ever)" : WindowDays)}; the ledger must be kept at least as long as the windows that it counts."
            : null;
    }
}
