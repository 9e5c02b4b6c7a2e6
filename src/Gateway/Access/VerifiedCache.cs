using System.Security.Cryptography;
using System.Text;

namespace SmartCity.Gateway;

/// <summary>
/// Remembers logins that were found good, so that ten thousand devices that come back at once do not wait for ten thousand slow hashes. It holds an
/// HMAC of user, record version and password under a key that lives and dies with the process: never the password. Bounded: two generations of entries.
/// </summary>
public sealed class VerifiedCache(TimeProvider time)
{
    /// <summary>Logins in a generation.</summary>
    private const int Capacity = 65_536;

    /// <summary>How long a generation lasts; a login is forgotten after one to two of them without use.</summary>
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(12);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(64);
    private readonly Lock _gate = new();
    private HashSet<UInt128> _young = [];
    private HashSet<UInt128> _old = [];
    private long _since = time.GetTimestamp();

    public bool Contains(Credential credential, ReadOnlySpan<byte> password)
    {
        var mac = Mac(credential, password);
        lock (_gate)
        {
            Age();
            if (_young.Contains(mac)) return true;
            if (!_old.Contains(mac)) return false;
            _young.Add(mac);
            return true;
        }
    }

    public void Add(Credential credential, ReadOnlySpan<byte> password)
    {
        var mac = Mac(credential, password);
        lock (_gate)
        {
            Age();
            _young.Add(mac);
        }
    }

    private void Age()
    {
        if (_young.Count < Capacity && time.GetElapsedTime(_since) < s_lifetime) return;
        (_old, _young) = (_young, []);
        _since = time.GetTimestamp();
    }

    private UInt128 Mac(Credential credential, ReadOnlySpan<byte> password)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        // A user name has no NUL, so the parts cannot be cut otherwise.
        hmac.AppendData(Encoding.UTF8.GetBytes($"{credential.User}\0{credential.Version}\0"));
        hmac.AppendData(credential.Salt ?? []);
        hmac.AppendData(password);
        Span<byte> mac = stackalloc byte[32];
        hmac.GetHashAndReset(mac);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(mac);
    }
}
