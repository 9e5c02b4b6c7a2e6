using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using SmartCity.Tests;

namespace SmartCity.Grains.Tests;

/// <summary>The grain host of this stack.</summary>
internal static class TestGrainHost
{
    /// <summary>Partitions of the gateway: here a call may overtake another.</summary>
    public const int Partitions = 4;

    public static void Add(HostApplicationBuilder builder)
    {
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.Services.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromDays(30)); // tests move the clock by hours
        });
    }

    /// <summary>The host's clock: the test's time of day, but timers that run by themselves, because Orleans has its own.</summary>
    public static TimeProvider ClockOf(FakeTimeProvider clock) => new TimeOfDay(clock);

    /// <summary>Waits until something waits for the test's clock. Here nothing does.</summary>
    public static Task WhenTimerWaitsAsync(FakeTimeProvider _) => Task.CompletedTask;

    /// <summary>Ends the host without asking any grain.</summary>
    public static void Kill(IHost host)
    {
        host.StopAsync(new CancellationToken(canceled: true)).ContinueWith(_ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        ((IAsyncDisposable)host).DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private sealed class TimeOfDay(FakeTimeProvider clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
