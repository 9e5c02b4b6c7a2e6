using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SmartCity.Mqtt;

namespace SmartCity.Silo;

/// <summary>
/// Bounds TLS handshakes under way, in total and of one address, by the limits that the broker has for connections that have not finished CONNECT:
/// the broker itself sees a connection only when its handshake is done.
/// </summary>
internal sealed class HandshakeGate(MqttLimits limits, MqttMetrics metrics)
{
    private readonly ConcurrentDictionary<IPAddress, int> _addresses = new();
    private int _total;

    /// <summary>Handshakes under way.</summary>
    public int UnderWay => Volatile.Read(ref _total);

    /// <summary>Goes in front of TLS.</summary>
    public void Guard(ListenOptions listener) => listener.Use(next => async connection =>
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        var ofAddress = _addresses.AddOrUpdate(address, 1, static (_, count) => count + 1);
        var ticket = new Ticket(this, address);
        try
        {
            if (Interlocked.Increment(ref _total) > limits.MaxPendingConnections || ofAddress > limits.MaxPendingConnectionsPerAddress)
            {
                metrics.RefuseHandshake();
                connection.Abort(new ConnectionAbortedException("Too many TLS handshakes are under way."));
                return;
            }

            connection.Features.Set(ticket);
            await next(connection);
        }
        finally
        {
            ticket.End();
        }
    });

    /// <summary>Goes behind TLS: the handshake is done.</summary>
    public static void Release(ListenOptions listener) => listener.Use(next => connection =>
    {
        connection.Features.Get<Ticket>()?.End();
        return next(connection);
    });

    private void Leave(IPAddress address)
    {
        Interlocked.Decrement(ref _total);
        while (_addresses.TryGetValue(address, out var count))
        {
            if (count == 1 ? _addresses.TryRemove(new(address, 1)) : _addresses.TryUpdate(address, count - 1, count)) return;
        }
    }

    private sealed class Ticket(HandshakeGate gate, IPAddress address)
    {
        private int _ended;

        public void End()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0) gate.Leave(address);
        }
    }
}
