using Orleans.Hosting;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>What the embedded host needs besides the common set-up: nothing.</summary>
internal static class SiloStack
{
    /// <summary>Calls of the test that looks for two turns at once.</summary>
    public const int ManyCalls = 1_000_000;

    public static void Configure(ISiloBuilder silo)
    {
    }

    /// <summary>The message of a call that timed out names the grains of its chain in order.</summary>
    public static void AssertNamesCallChain(TimeoutException exception, params string[] keys)
    {
        var from = 0;
        foreach (var key in keys)
        {
            var at = exception.Message.IndexOf(key, from, StringComparison.Ordinal);
            Assert.True(at >= 0, $"'{key}' is missing after position {from} in: {exception.Message}");
            from = at + key.Length;
        }
    }
}
