using System.Collections.Frozen;
using System.Text.Json;

namespace SmartCity.Contracts;

/// <summary>The geography file: nation, regions and units with their codes, names and centres.</summary>
public sealed class Geography
{
    private readonly FrozenDictionary<string, UnitInfo> _unitsByCode;

    private Geography(NationInfo nation, IReadOnlyList<RegionInfo> regions, IReadOnlyList<UnitInfo> units)
    {
        Nation = nation;
        Regions = regions;
        Units = units;
        _unitsByCode = units.ToFrozenDictionary(u => u.Code, StringComparer.Ordinal);
    }

    /// <summary>The geography that ships with the program.</summary>
    public static Geography Default { get; } = LoadDefault();

    public NationInfo Nation { get; }

    public IReadOnlyList<RegionInfo> Regions { get; }

    public IReadOnlyList<UnitInfo> Units { get; }

    public UnitInfo? FindUnit(string code) => _unitsByCode.GetValueOrDefault(code);

    /// <summary>The area above: a unit's region, a region's nation, null above the nation or for an unknown code.</summary>
    public string? ParentOf(string area)
    {
        if (_unitsByCode.TryGetValue(area, out var unit)) return unit.Region;
        return Regions.Any(r => r.Code == area) ? Nation.Code : null;
    }

    /// <summary>True for the nation, a region or a unit.</summary>
    public bool IsArea(string code) => code == Nation.Code || ParentOf(code) is not null;

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
