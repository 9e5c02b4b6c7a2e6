using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Mqtt;

/// <summary>Opens the connection that the options ask for, on IPv6 or IPv4: all addresses of a name are tried.</summary>
internal static class ClientTransports
{
    private static readonly SocketConnectionContextFactory s_contexts = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);

    /// <exception cref="MqttConnectException">A certificate is refused, or a file cannot be used.</exception>
    public static Task<ConnectionContext> OpenAsync(MqttClientOptions options, CancellationToken cancellationToken) => options.Transport switch
    {
        MqttClientTransport.Tcp => OpenTcpAsync(options, cancellationToken),
        MqttClientTransport.Tls => OpenTlsAsync(options, cancellationToken),
        _ => OpenWebSocketAsync(options, cancellationToken),
    };

    private static async Task<ConnectionContext> OpenTcpAsync(MqttClientOptions options, CancellationToken cancellationToken) =>
        s_contexts.Create(await DialAsync(options, cancellationToken).ConfigureAwait(false));

    private static async Task<ConnectionContext> OpenTlsAsync(MqttClientOptions options, CancellationToken cancellationToken)
    {
        using var tls = new ClientTls(options);
        var socket = await DialAsync(options, cancellationToken).ConfigureAwait(false);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(tls.Authentication, cancellationToken).ConfigureAwait(false);
            return new StreamConnectionContext(stream, socket);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw e is AuthenticationException ? Refused(options, tls, e) : e;
        }
    }

    private static async Task<ConnectionContext> OpenWebSocketAsync(MqttClientOptions options, CancellationToken cancellationToken)
    {
        var secure = options.Transport == MqttClientTransport.WebSocketTls;
        using var tls = secure ? new ClientTls(options) : null;
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        if (tls is not null) handler.SslOptions = tls.Authentication;
        if (options.LocalAddress is not null)
        {
            handler.ConnectCallback = async (_, stop) => new NetworkStream(await DialAsync(options, stop).ConfigureAwait(false), ownsSocket: true);
        }

        var owned = new WebSocketParts(new(), new(handler));
        try
        {
            // MQTT keeps the connection alive by itself (MQTT-6.0.0-3 is the subprotocol).
            owned.Socket.Options.KeepAliveInterval = TimeSpan.Zero;
            owned.Socket.Options.AddSubProtocol("mqtt");
            var url = new UriBuilder(secure ? "wss" : "ws", options.Host, options.Port).Uri;
            await owned.Socket.ConnectAsync(new Uri(url, options.Path), owned.Invoker, cancellationToken).ConfigureAwait(false);
            return new StreamConnectionContext(WebSocketStream.Create(owned.Socket, WebSocketMessageType.Binary, TimeSpan.FromSeconds(1)), owned);
        }
        catch (Exception e)
        {
            owned.Dispose();
            if (tls?.Problem is not null || Find<AuthenticationException>(e) is not null) throw Refused(options, tls, e);
            if (Find<SocketException>(e) is { } broken) throw broken;
            throw;
        }
    }

    private static async Task<Socket> DialAsync(MqttClientOptions options, CancellationToken cancellationToken)
    {
        // Without an address family the socket is dual-stack where the system has IPv6.
        var local = options.LocalAddress;
        var socket = local is null ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.NoDelay = true;
        try
        {
            if (local is not null) socket.Bind(new IPEndPoint(local, 0));
            await socket.ConnectAsync(options.Host, options.Port, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static MqttConnectException Refused(MqttClientOptions options, ClientTls? tls, Exception e) => new(
        $"No TLS connection to the MQTT broker at {options.Host}:{options.Port}: {tls?.Problem ?? (Find<AuthenticationException>(e) ?? e).Message}.", e);

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is T found) return found;
        }

        return null;
    }

    private sealed record WebSocketParts(ClientWebSocket Socket, HttpMessageInvoker Invoker) : IDisposable
    {
        public void Dispose()
        {
            Socket.Dispose();
            Invoker.Dispose();
        }
    }
}
