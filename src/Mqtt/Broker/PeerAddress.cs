using System.Net;
using System.Net.Sockets;

namespace SmartCity.Mqtt;

/// <summary>The connections of one address. An IPv6 address counts with its /64, which is what one subscriber line gets.</summary>
internal sealed class PeerAddress(UInt128 key)
{
    private int _open;
    private int _pending;

    public UInt128 Key { get; } = key;

    /// <summary>Connections, with or without an accepted CONNECT.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Connections without an accepted CONNECT.</summary>
    public int Pending => Volatile.Read(ref _pending);

    public static UInt128 KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        (address.AddressFamily == AddressFamily.InterNetwork ? address.MapToIPv6() : address).TryWriteBytes(bytes, out _);
        if (address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }) bytes[8..].Clear();
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public void Enter()
    {
        Interlocked.Increment(ref _open);
        Interlocked.Increment(ref _pending);
    }

    /// <summary>CONNECT was accepted, or the connection ended before.</summary>
    public void EndPending() => Interlocked.Decrement(ref _pending);

    /// <summary>True for the last one.</summary>
    public bool Leave() => Interlocked.Decrement(ref _open) == 0;
}
