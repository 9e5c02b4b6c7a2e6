using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A silo of the stack that is being tested, with a client in the same process.</summary>
public sealed class ContractSilo : IAsyncDisposable
{
    private static int s_keys;
    private readonly IHost _host;
    private bool _stopped;

    private ContractSilo(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _host.Services;

    /// <summary>A key that no other test has.</summary>
    public static string NewKey([CallerMemberName] string test = "") => $"{test}-{Interlocked.Increment(ref s_keys)}";

    public static async Task<ContractSilo> Start(Action<ISiloBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Stage>();
        builder.UseOrleans(silo =>
        {
            SiloStack.Configure(silo);
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new ContractSilo(host);
    }

    public Scene Scene(string key) => _host.Services.GetRequiredService<Stage>().Of(key);

    /// <summary>Stops the silo as the end of the program does.</summary>
    public async Task Stop()
    {
        _stopped = true;
        await _host.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Services.GetRequiredService<Stage>().OpenAll();
        if (!_stopped) await Stop();
        _host.Dispose();
    }
}
