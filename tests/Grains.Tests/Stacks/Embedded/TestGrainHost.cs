using Microsoft.Extensions.Hosting;

namespace SmartCity.Grains.Tests;

/// <summary>The grain host of this stack.</summary>
internal static class TestGrainHost
{
    /// <summary>Partitions of the gateway: none.</summary>
    public const int Partitions = 0;

    public static void Add(HostApplicationBuilder builder) => builder.UseOrleans();

    public static void Kill(IHost host) => host.Dispose();
}
