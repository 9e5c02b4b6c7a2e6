using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SmartCity.Mqtt;

namespace SmartCity.Silo;

/// <summary>Opens the MQTT listeners: plain, TLS, WebSocket and secure WebSocket; and keeps the API off those that are for MQTT only.</summary>
internal static class MqttListeners
{
    /// <summary>Where MQTT is on every HTTP listener.</summary>
    public const string Path = "/mqtt";

    /// <summary>Connections that wait to be accepted: a city's devices come back at once after a power cut.</summary>
    private const int Backlog = 4096;

    public static void AddMqttListeners(this WebApplicationBuilder builder, MqttListenOptions options)
    {
        builder.Services.AddSingleton(new MqttWebSocketOptions { AllowedOrigins = options.AllowedOrigins });
        builder.WebHost.UseSockets(sockets => sockets.Backlog = Backlog);
        if (!options.Tls.IsOn) return;
        builder.Services.AddSingleton(options.Tls).AddSingleton<ServerCertificate>().AddSingleton<MqttTls>().AddSingleton<HandshakeGate>();
    }

    public static void Listen(KestrelServerOptions kestrel, MqttListenOptions options)
    {
        foreach (var address in options.PlainAddresses)
        {
            if (options.Port > 0) kestrel.Listen(address, options.Port, listener => listener.UseConnectionHandler<MqttConnectionHandler>());
            if (options.WebSocketPort > 0) kestrel.Listen(address, options.WebSocketPort, ForMqttOnly);
        }

        if (!options.Tls.IsOn) return;
        var tls = kestrel.ApplicationServices.GetRequiredService<MqttTls>();
        var gate = kestrel.ApplicationServices.GetRequiredService<HandshakeGate>();
        var patience = kestrel.ApplicationServices.GetRequiredService<MqttLimits>().ConnectTimeout;
        foreach (var address in options.Addresses)
        {
            kestrel.Listen(address, options.Tls.Port, listener =>
            {
                gate.Guard(listener);
                listener.UseHttps(tls.For(patience, isHttp: false));
                HandshakeGate.Release(listener);
                listener.UseConnectionHandler<MqttConnectionHandler>();
            });
            if (options.Tls.WebSocketPort == 0) continue;
            kestrel.Listen(address, options.Tls.WebSocketPort, listener =>
            {
                gate.Guard(listener);
                listener.UseHttps(tls.For(patience, isHttp: true));
                HandshakeGate.Release(listener);
                ForMqttOnly(listener);
            });
        }
    }

    /// <summary>Maps <see cref="Path"/>, and answers 404 to anything else that comes through a listener for MQTT.</summary>
    public static void UseMqttWebSockets(this WebApplication app)
    {
        app.Use((http, next) =>
        {
            if (http.Features.Get<MqttOnly>() is null || http.Request.Path == Path) return next(http);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.UseWebSockets();
        var handler = app.Services.GetRequiredService<MqttWebSocketHandler>();
        app.Use((http, next) => http.Request.Path == Path ? handler.HandleAsync(http) : next(http));
    }

    private static void ForMqttOnly(ListenOptions listener)
    {
        listener.Protocols = HttpProtocols.Http1; // HTTP/2 would need another handshake
        listener.Use(next => connection =>
        {
            connection.Features.Set(new MqttOnly());
            return next(connection);
        });
    }

    /// <summary>Marks connections of a listener that is for MQTT: the API has no authentication yet.</summary>
    private sealed class MqttOnly;
}
