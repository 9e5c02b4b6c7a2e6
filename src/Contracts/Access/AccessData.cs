namespace SmartCity.Contracts;

/// <summary>All users and rules as they were at one moment.</summary>
public sealed record AccessData(IReadOnlyList<Credential> Credentials, IReadOnlyList<AccessRule> Rules)
{
    public static AccessData Empty { get; } = new([], []);
}
