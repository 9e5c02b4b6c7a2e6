using System.Net;
using System.Net.Sockets;

namespace SmartCity.Silo.Tests;

/// <summary>
/// Ports for hosts that come back on the same port. They lie below the range from which the kernel takes the ports of outgoing connections
/// (32768 and up): otherwise such a connection could take the port while its host is down.
/// </summary>
public static class Ports
{
    private const int First = 20_000;
    private const int Count = 10_000;
    private static int s_next = Random.Shared.Next(Count);

    /// <summary>A port that nobody listens on, neither on 127.0.0.1 nor on ::1.</summary>
    public static int Next()
    {
        for (var i = 0; i < Count; i++)
        {
            var port = First + (Interlocked.Increment(ref s_next) % Count);
            if (IsFree(IPAddress.Loopback, port) && IsFree(IPAddress.IPv6Loopback, port)) return port;
        }

        throw new InvalidOperationException("No port from 20000 to 29999 is free.");
    }

    private static bool IsFree(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
