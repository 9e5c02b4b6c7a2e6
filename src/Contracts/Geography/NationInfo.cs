namespace SmartCity.Contracts;

/// <summary>The nation, the root of the areas.</summary>
public sealed record NationInfo(string Code, string Name, string NameEn, double Latitude, double Longitude);
