namespace SmartCity.Contracts;

/// <summary>A key economic region.</summary>
public sealed record RegionInfo(string Code, string Name, string ShortName, string NameEn, string ShortNameEn, double Latitude, double Longitude);
