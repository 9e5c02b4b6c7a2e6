using System.Collections.Frozen;
using System.Text.Json;

namespace SmartCity.Contracts;

/// <summary>The geography file: nation, regions and units with their codes, names and centres.</summary>
public sealed class Geography
{
    /// <summary>UTC+7, without daylight saving time: where the days begin on which units change.</summary>
    private static readonly TimeSpan s_offset = TimeSpan.FromHours(7);

    private readonly FrozenDictionary<string, UnitInfo> _unitsByCode;

    /// <exception cref="InvalidDataException">A merger makes no sense; the message says which.</exception>
    internal Geography(NationInfo nation, IReadOnlyList<RegionInfo> regions, IReadOnlyList<UnitInfo> units)
    {
        Nation = nation;
        Regions = regions;
        Units = units;
        _unitsByCode = units.ToFrozenDictionary(u => u.Code, StringComparer.Ordinal);
        foreach (var unit in units) CheckMergers(unit);
    }

    /// <summary>The geography that ships with the program.</summary>
    public static Geography Default { get; } = LoadDefault();

    public NationInfo Nation { get; }

    public IReadOnlyList<RegionInfo> Regions { get; }

    public IReadOnlyList<UnitInfo> Units { get; }

    public UnitInfo? FindUnit(string code) => _unitsByCode.GetValueOrDefault(code);

    /// <summary>
    /// The unit that a place belongs to on a day: the unit itself, or the one that has taken it in by then. A unit that went to a province outside the key economic
    /// regions keeps its code: membership of a region is that of the units of 2021, so no unit of the file could stand for it.
    /// </summary>
    /// <param name="code">Code of any unit of the file.</param>
    /// <param name="day">A day in Vietnam. On <see cref="UnitInfo.ValidTo"/> the change is in force.</param>
    /// <returns>Null for a code that is no unit.</returns>
    public UnitInfo? InForce(string code, DateOnly day)
    {
        var unit = FindUnit(code);
        while (unit is { ValidTo: { } validTo, MergedInto: { } next } && day >= validTo) unit = FindUnit(next);
        return unit;
    }

    /// <summary>As <see cref="InForce(string, DateOnly)"/>, on the day that a moment falls on in Vietnam (UTC+7).</summary>
    public UnitInfo? InForce(string code, DateTimeOffset moment) => InForce(code, DateOnly.FromDateTime(moment.ToOffset(s_offset).DateTime));

    /// <summary>The area above: a unit's region, a region's nation, null above the nation or for an unknown code.</summary>
    public string? ParentOf(string area)
    {
        if (_unitsByCode.TryGetValue(area, out var unit)) return unit.Region;
        return Regions.Any(r => r.Code == area) ? Nation.Code : null;
    }

    /// <summary>True for the nation, a region or a unit.</summary>
    public bool IsArea(string code) => code == Nation.Code || ParentOf(code) is not null;

    /// <summary>Mergers lead to a unit of the same region, one after the other in time, and so to an end.</summary>
    private void CheckMergers(UnitInfo unit)
    {
        if (unit.MergedInto is null) return;
        if (unit.ValidTo is null) throw new InvalidDataException($"Unit '{unit.Code}' is merged into '{unit.MergedInto}' and has no day for it; give it a validTo.");
        if (FindUnit(unit.MergedInto) is not { } next) throw new InvalidDataException($"Unit '{unit.Code}' is merged into '{unit.MergedInto}', which is no unit of the file.");
        if (next.Region != unit.Region) throw new InvalidDataException($"Unit '{unit.Code}' of region '{unit.Region}' is merged into '{next.Code}' of region '{next.Region}'; leave mergedInto out.");
        if (next.MergedInto is not null && next.ValidTo <= unit.ValidTo)
            throw new InvalidDataException($"Unit '{unit.Code}' is merged into '{next.Code}', which is gone by then; name the unit that is in force.");
    }

    private static Geography LoadDefault()
    {
        using var stream = typeof(Geography).Assembly.GetManifestResourceStream("geography.json")
            ?? throw new InvalidOperationException("The geography file is not embedded in the contracts assembly.");
        var file = JsonSerializer.Deserialize<GeographyFile>(stream, JsonSerializerOptions.Web)
            ?? throw new InvalidDataException("The geography file is empty.");
        return new(file.Nation, file.Regions, file.Units);
    }

    private sealed record GeographyFile(NationInfo Nation, List<RegionInfo> Regions, List<UnitInfo> Units);
}
