using System.Text;

namespace SmartCity.Simulators;

/// <summary>How the columns of a drive-test log are read.</summary>
public sealed record DriveTestOptions
{
    /// <summary>Column of a field, where its name is not one of the usual ones (see <see cref="DriveTestColumns"/>).</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Where a column was named, for messages, such as <c>drive.yaml, line 3</c>; fields without one were named by a flag.</summary>
    public IReadOnlyDictionary<string, string> ColumnPlaces { get; init; } = new Dictionary<string, string>();

    /// <summary>Topic of the messages; <c>{device}</c> in it is the value of the column <c>device</c>.</summary>
    public string Topic { get; init; } = "city/bac/hn/mdt/drive-test";

    /// <summary>Null: the one that the header has most of.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Point or comma; null: both in a log whose delimiter is no comma, else the point.</summary>
    public char? Decimal { get; init; }

    /// <summary>Null: UTF-8, or what a byte order mark says.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Zone of times that name none.</summary>
    public TimeSpan Zone { get; init; }

    /// <summary>Format of the times, as .NET writes it; null: Unix seconds or milliseconds, ISO 8601 and what looks like it.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>Network of rows whose log has only an NCI, such as <c>452-04</c>; null: there is a column.</summary>
    public string? Plmn { get; init; }

    /// <summary>Numbers that a log writes for "nothing measured".</summary>
    public IReadOnlyList<double> Sentinels { get; init; } = [-999, -9999, 9999, -32768, 32767, int.MinValue, int.MaxValue];

    /// <summary>Factor to the unit of the platform, by field: <c>dl</c> and <c>ul</c> are kbit/s, so 1000 for a log in Mbit/s.</summary>
    public IReadOnlyDictionary<string, double> Scale { get; init; } = new Dictionary<string, double>();
}
