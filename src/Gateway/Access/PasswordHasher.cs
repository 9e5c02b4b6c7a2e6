using System.Security.Cryptography;
using System.Text;

namespace SmartCity.Gateway;

/// <summary>PBKDF2-HMAC-SHA512 (RFC 8018) with a salt of 16 random bytes for each record. Slow on purpose: a stolen file is not soon guessed.</summary>
public static class PasswordHasher
{
    /// <summary>Iterations of a new record, and the fewest that are accepted: the OWASP recommendation for HMAC-SHA512.</summary>
    public const int MinIterations = 210_000;

    /// <summary>Bytes of a password that are looked at; a longer one is refused.</summary>
    public const int MaxPasswordBytes = 1024;

    private const int HashBytes = 64;

    /// <summary>A password that nobody guesses: 160 random bits in letters and digits that cannot be mistaken for one another.</summary>
    public static string Generate() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 28);

    /// <summary>Salt and hash of a password.</summary>
    public static (byte[] Salt, byte[] Hash) Hash(string password, int iterations = MinIterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, MinIterations);
        var salt = RandomNumberGenerator.GetBytes(16);
        return (salt, Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA512, HashBytes));
    }

    /// <summary>Whether a password is the one of a record, compared in constant time. Takes as long for a record that is not there (null).</summary>
    public static bool Verify(ReadOnlySpan<byte> password, Credential? credential)
    {
        var isKnown = credential is { Salt: not null, Hash: not null };
        ReadOnlySpan<byte> salt = isKnown ? credential!.Salt : "no such user 0.."u8;
        Span<byte> hash = stackalloc byte[isKnown ? credential!.Hash!.Length : HashBytes];
        Rfc2898DeriveBytes.Pbkdf2(password[..Math.Min(password.Length, MaxPasswordBytes)], salt, hash, isKnown ? credential!.Iterations : MinIterations, HashAlgorithmName.SHA512);

        // HMAC fills its key up with zeros, so a password would also be right with zeros behind it.
        return isKnown && password.Length <= MaxPasswordBytes && !password.EndsWith((byte)0) && CryptographicOperations.FixedTimeEquals(hash, credential!.Hash);
    }
}
