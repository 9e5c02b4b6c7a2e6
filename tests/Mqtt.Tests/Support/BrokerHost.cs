using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SmartCity.Mqtt.Tests;

/// <summary>A broker behind Kestrel on a free port, listening on one loopback address.</summary>
internal sealed class BrokerHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BrokerHost(WebApplication app, int port)
    {
        _app = app;
        Port = port;
    }

    public int Port { get; }

    public MqttBroker Broker => _app.Services.GetRequiredService<MqttBroker>();

    public MqttMetrics Metrics => Broker.Metrics;

    public RecordingLogger Log => (RecordingLogger)_app.Services.GetRequiredService<ILoggerProvider>();

    public static async Task<BrokerHost> StartAsync(
        IPublishHandler? handler = null, IMqttAuthorizer? authorizer = null, Action<MqttLimits>? limits = null, TimeProvider? time = null, IPAddress? address = null,
        string? sessions = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders().AddProvider(new RecordingLogger()).SetMinimumLevel(LogLevel.Debug);
        if (handler is not null) builder.Services.AddSingleton(handler);
        if (authorizer is not null) builder.Services.AddSingleton(authorizer);
        if (time is not null) builder.Services.AddSingleton(time);
        builder.Services.AddMqttBroker(limits);
        ListenOptions? listen = null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(address ?? IPAddress.Loopback, 0, options =>
        {
            listen = options;
            options.UseConnectionHandler<MqttConnectionHandler>();
        }));
        var app = builder.Build();
        if (sessions is not null) await app.Services.GetRequiredService<MqttBroker>().OpenSessionsAsync(sessions);
        await app.StartAsync();
        return new(app, listen!.IPEndPoint!.Port);
    }

    public MqttClientOptions Options(string clientId = "", MqttProtocolVersion version = MqttProtocolVersion.V500) =>
        new() { Host = "127.0.0.1", Port = Port, ClientId = clientId, Version = version };

    public async Task<MqttClient> ConnectAsync(MqttClientOptions options)
    {
        var client = new MqttClient(options);
        await client.ConnectAsync();
        return client;
    }

    public Task<MqttClient> ConnectAsync(string clientId = "", MqttProtocolVersion version = MqttProtocolVersion.V500) => ConnectAsync(Options(clientId, version));

    public Task<RawConnection> OpenRawAsync() => RawConnection.OpenAsync(Port);

    /// <summary>True when a connection is closed at once: with a reset even before it counts as established, or after it.</summary>
    public async Task<bool> RefusesAsync()
    {
        try
        {
            using var peer = await OpenRawAsync();
            return await peer.IsClosedAsync();
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }
}
