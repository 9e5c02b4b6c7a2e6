namespace SmartCity.Simulators;

/// <summary>What <c>import --json</c> prints.</summary>
/// <param name="Taken">Rows that became a message.</param>
/// <param name="FieldsLeftOut">Dirty fields by reason, most first.</param>
/// <param name="Stopped">True when Ctrl+C ended it.</param>
internal sealed record ImportSummary(
    string File, long Rows, long Taken, IReadOnlyList<ImportSummary.LeftOutRows> RowsLeftOut, IReadOnlyList<ImportSummary.LeftOutFields> FieldsLeftOut, IReadOnlyList<string> UnusedColumns, bool Stopped)
{
    public static ImportSummary Of(DriveTestReport report, string file, bool stopped) => new(
        file, report.Rows, report.Taken, [.. report.LeftOut.Select(r => new LeftOutRows(r.Why, r.Count, r.FirstLine))],
        [.. report.Fields.Select(f => new LeftOutFields(f.Field, f.Why, f.Count, f.FirstLine))], report.UnusedColumns, stopped);

    /// <summary>Rows that were left out for one reason.</summary>
    internal sealed record LeftOutRows(string Why, long Count, int FirstLine);

    /// <summary>Fields that were left out for one reason.</summary>
    internal sealed record LeftOutFields(string Field, string Why, long Count, int FirstLine);
}
