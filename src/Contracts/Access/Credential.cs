namespace SmartCity.Contracts;

/// <summary>A user that may connect, and what is known of it. Says nothing of the password beyond its salted hash.</summary>
/// <param name="User">1 to 128 of <c>A-Z a-z 0-9 . _ : @ -</c>.</param>
/// <param name="Role">Which rules apply: <c>device</c>, <c>operator</c>, <c>service</c> or a name of one's own.</param>
/// <param name="Device">The device that it speaks for, <c>%d</c> of the rules; null for none.</param>
/// <param name="Salt">Null where the user proves itself by certificate or token only.</param>
/// <param name="Hash">PBKDF2-HMAC-SHA512 of the password; null with <paramref name="Salt"/>.</param>
/// <param name="Iterations">Of that hash.</param>
/// <param name="IsRevoked">It may not connect, whatever it shows.</param>
/// <param name="Version">Grows with every change; a connection of an older version ends.</param>
public sealed record Credential(string User, string Role, string? Device, byte[]? Salt, byte[]? Hash, int Iterations, bool IsRevoked, long Version)
{
    /// <summary>Leaves salt and hash out.</summary>
    public override string ToString() => $"{User} ({Role})";
}
