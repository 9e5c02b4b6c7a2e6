using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using SmartCity.Mqtt;

namespace SmartCity.Simulators.Tests;

/// <summary>Our own broker.</summary>
internal static class TestBroker
{
    /// <param name="at">Where it listens; null: on a free port of 127.0.0.1.</param>
    public static async Task<WebApplication> StartAsync(IPublishHandler? handler = null, IPEndPoint? at = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        if (handler is not null) builder.Services.AddSingleton(handler);
        builder.Services.AddMqttBroker();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(at ?? new(IPAddress.Loopback, 0), o => o.UseConnectionHandler<MqttConnectionHandler>()));
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }

    public static Uri Url(WebApplication broker) => new(broker.Urls.First().Replace("http://", "mqtt://", StringComparison.Ordinal));
}
