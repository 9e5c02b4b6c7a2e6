using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SmartCity.Mqtt;

/// <summary>Brings WebSockets to the broker: <c>app.UseWebSockets(); app.Map("/mqtt", handler.HandleAsync)</c>.</summary>
public sealed class MqttWebSocketHandler(MqttBroker broker, MqttWebSocketOptions options)
{
    /// <summary>The subprotocol's name (MQTT-6.0.0-3).</summary>
    private const string Subprotocol = "mqtt";

    /// <summary>Answers one request, which must be a WebSocket handshake: 400 when it is not, 403 for a page of a foreign origin.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "This address speaks MQTT over WebSocket only.").ConfigureAwait(false);
            return;
        }

        if (!http.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol, StringComparer.OrdinalIgnoreCase))
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "Ask for the WebSocket subprotocol 'mqtt'.").ConfigureAwait(false);
            return;
        }

        if (!IsAllowed(http.Request))
        {
            broker.Metrics.Refuse(MqttReasonCode.NotAuthorized);
            broker.Log.OriginRefused(http.Request.Headers.Origin.ToString(), http.Connection.RemoteIpAddress);
            await RefuseAsync(http, StatusCodes.Status403Forbidden, "Pages of this origin may not connect.").ConfigureAwait(false);
            return;
        }

        // MQTT has its own keep-alive, and compressing secrets beside what a stranger chooses gives them away.
        var accept = new WebSocketAcceptContext { SubProtocol = Subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan, DangerousEnableCompression = false };
        using var socket = await http.WebSockets.AcceptWebSocketAsync(accept).ConfigureAwait(false);
        await using var connection = new WebSocketConnection(
            socket, http.Connection.Id, EndPoint(http.Connection.RemoteIpAddress, http.Connection.RemotePort), EndPoint(http.Connection.LocalIpAddress, http.Connection.LocalPort));
        Copy<IConnectionLifetimeNotificationFeature>(http.Features, connection.Features);
        Copy<ITlsConnectionFeature>(http.Features, connection.Features);
        Copy<ITlsHandshakeFeature>(http.Features, connection.Features);
        connection.Features.Set<IHttpWebSocketFeature>(http.Features.Get<IHttpWebSocketFeature>());
        await connection.RunAsync(broker.RunAsync).ConfigureAwait(false);
        if (!connection.GotText) return;
        broker.Metrics.Violate(MqttReasonCode.MalformedPacket);
        broker.Log.TextFrame(connection.RemoteEndPoint);
    }

    /// <summary>
    /// A page may connect from a listed origin, and from the server's own. Own counts only where the page was asked for by address: a foreign name can
    /// be made to point at us (DNS rebinding), and is then both Origin and Host.
    /// </summary>
    private bool IsAllowed(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0 || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)) return true;
        var host = request.Host;
        var isAddress = host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Host.Trim('[', ']'), out _);
        return isAddress && Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase);
    }

    private static IPEndPoint? EndPoint(IPAddress? address, int port) => address is null ? null : new(address, port);

    private static void Copy<T>(IFeatureCollection from, IFeatureCollection to)
        where T : class
    {
        if (from.Get<T>() is { } feature) to.Set(feature);
    }

    private static Task RefuseAsync(HttpContext http, int status, string why)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(why, http.RequestAborted);
    }
}
