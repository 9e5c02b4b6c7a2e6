using System.Collections.Frozen;

namespace SmartCity.Gateway;

/// <summary>Users and rules that are in force at one moment; never changed, only replaced.</summary>
public sealed class AccessPolicy(AccessData data, AccessMode mode)
{
    /// <summary>The role of clients that nobody asked who they are.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>The role of a user that is not in the store, but proved itself by certificate or token.</summary>
    public const string Device = "device";

    private readonly FrozenDictionary<string, Credential> _credentials = data.Credentials.ToFrozenDictionary(c => c.User, StringComparer.Ordinal);

    public static AccessPolicy Empty(AccessMode mode) => new(AccessData.Empty, mode);

    /// <summary>What is known of a user; null when nothing is.</summary>
    public Credential? Find(string user) => _credentials.GetValueOrDefault(user);

    /// <summary>Whether what a connection was let in with still holds.</summary>
    public bool IsCurrent(AccessIdentity identity) => Find(identity.UserName!) is { } credential
        ? !credential.IsRevoked && credential.Version == identity.Version
        : identity.Version == 0;

    /// <summary>The rules of a client.</summary>
    /// <param name="identity">Null: nobody asked who it is.</param>
    public TopicAccess For(string? clientId, string? user, AccessIdentity? identity)
    {
        var role = identity is null ? Anonymous : Find(identity.UserName!)?.Role ?? Device;
        var rules = data.Rules.Where(r => r.Role == "*" || r.Role == role);
        return new(this, rules, clientId, identity?.UserName ?? user, identity?.DeviceId, otherwise: mode == AccessMode.Anonymous);
    }
}
