namespace SmartCity.Contracts;

/// <summary>
/// A unit of the topic mapping: a province or city as of the 2021 key economic regions. Units that were merged on 2025-07-01 keep their code,
/// because devices keep their topics; <see cref="ProvinceCode"/> tells the province of today, and <see cref="Geography.InForce(string, DateOnly)"/> the unit
/// that new devices are given. Names are without the rank: that Đồng Nai became a city on 2026-04-30 changes neither its name nor a code.
/// </summary>
/// <param name="IsoCode">ISO 3166-2 code before 2025-07-01. Not the same numbering as <paramref name="ProvinceCode"/>.</param>
/// <param name="ProvinceCode">Two-digit national province code since 2025-07-01.</param>
/// <param name="ValidTo">First day on which the unit no longer existed as such; null while it does.</param>
/// <param name="MergedInto">Code of the unit that took it in, when that one is in this file.</param>
public sealed record UnitInfo(
    string Code, string Region, string Name, string IsoCode, string ProvinceCode, double Latitude, double Longitude, DateOnly? ValidTo, string? MergedInto);
