namespace SmartCity.Simulators;

/// <summary>Something that is wrong with the 5G network for a while: <see cref="RadioProblem"/> as the truth has it.</summary>
public sealed record TruthProblem(
    string Kind, string Cause, string Unit, IReadOnlyList<string> Cells, double Latitude, double Longitude, double? RadiusMetres, DateTimeOffset From, DateTimeOffset To);
