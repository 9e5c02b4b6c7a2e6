using Microsoft.Extensions.Hosting;
using SmartCity.Tests;

namespace SmartCity.Grains.Tests;

/// <summary>The grain host of this stack.</summary>
internal static class TestGrainHost
{
    /// <summary>Partitions of the gateway: none.</summary>
    public const int Partitions = 0;

    public static void Add(HostApplicationBuilder builder) => builder.UseOrleans();

    public static TimeProvider ClockOf(FakeTimeProvider clock) => clock;

    /// <summary>Waits until something waits for the test's clock.</summary>
    public static Task WhenTimerWaitsAsync(FakeTimeProvider clock) => Eventually.IsTrue(() => clock.Waiting > 1, "something besides the grain host to wait for the clock");

    public static void Kill(IHost host) => host.Dispose();
}
