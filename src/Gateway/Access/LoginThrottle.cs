using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace SmartCity.Gateway;

/// <summary>
/// Slows guessing down: after some failed logins an address, or a user, waits 1 s, 2 s, 4 s… up to five minutes before the next try is looked at.
/// Both tables are bounded. Thread-safe.
/// </summary>
public sealed class LoginThrottle(TimeProvider time)
{
    /// <summary>Failures of one user that cost nothing: a person who mistypes.</summary>
    public const int FreePerUser = 5;

    /// <summary>Failures of one address that cost nothing: a site behind one address, some of whose devices have old passwords.</summary>
    public const int FreePerAddress = 20;

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);

    /// <summary>Addresses, and users, that are remembered at most.</summary>
    private const int Capacity = 131_072;

    /// <summary>Failures are forgotten so long after the last one.</summary>
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(15);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _gate = new();
    private readonly GenerationMap<UInt128, Entry> _addresses = new(Capacity);
    private readonly GenerationMap<UInt128, Entry> _users = new(Capacity);

    /// <summary>How long an address must wait; zero when it need not.</summary>
    public TimeSpan AddressWait(EndPoint? peer) => KeyOf(peer) is { } key ? Wait(_addresses, key) : TimeSpan.Zero;

    /// <summary>How long a user must wait; zero when it need not.</summary>
    public TimeSpan UserWait(string? user) => string.IsNullOrEmpty(user) ? TimeSpan.Zero : Wait(_users, KeyOf(user));

    /// <summary>A login failed.</summary>
    public void Failed(EndPoint? peer, string? user)
    {
        lock (_gate)
        {
            if (KeyOf(peer) is { } address) Count(_addresses, address, FreePerAddress);
            if (!string.IsNullOrEmpty(user)) Count(_users, KeyOf(user), FreePerUser);
        }
    }

    /// <summary>A login succeeded: its user starts anew, its address with half of its failures, so that one good password does not buy many guesses.</summary>
    public void Succeeded(EndPoint? peer, string? user)
    {
        lock (_gate)
        {
            if (!string.IsNullOrEmpty(user)) _users.Remove(KeyOf(user));
            if (KeyOf(peer) is { } key && _addresses.Find(key) is { } entry) entry.Failures /= 2;
        }
    }

    private TimeSpan Wait(GenerationMap<UInt128, Entry> table, UInt128 key)
    {
        lock (_gate)
        {
            if (table.Find(key) is not { } entry) return TimeSpan.Zero;
            var left = entry.Until - time.GetUtcNow();
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private void Count(GenerationMap<UInt128, Entry> table, UInt128 key, int free)
    {
        var now = time.GetUtcNow();
        var entry = table.Find(key);
        if (entry is null) table.Add(key, entry = new());
        if (now - entry.Last > s_memory) entry.Failures = 0;
        entry.Last = now;
        entry.Failures++;
        if (entry.Failures < free) return;
        var wait = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(entry.Failures - free, 20)));
        entry.Until = now + (wait < MaxWait ? wait : MaxWait);
    }

    /// <summary>An IPv6 address counts with its /64, as for the limits of the broker.</summary>
    private static UInt128? KeyOf(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address }) return null;
        Span<byte> bytes = stackalloc byte[16];
        (address.AddressFamily == AddressFamily.InterNetwork ? address.MapToIPv6() : address).TryWriteBytes(bytes, out _);
        if (address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }) bytes[8..].Clear();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    // Under a key of our own: nobody can choose names that fall on the same entry.
    private UInt128 KeyOf(string user) => BinaryPrimitives.ReadUInt128BigEndian(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(user)));

    private sealed class Entry
    {
        public int Failures { get; set; }

        public DateTimeOffset Last { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
