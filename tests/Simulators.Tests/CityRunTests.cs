using System.Net;

namespace SmartCity.Simulators.Tests;

/// <summary>How a run with a truth ends when the broker does not play along.</summary>
public sealed class CityRunTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, 0.2)]                        // fewer messages than may wait for an acknowledgement
    [InlineData("stale-credentials=0.5", 0.2)]     // connections of their own wait, too
    [InlineData(null, 10_000)]                     // more than the queues hold, so that the city itself waits
    public async Task A_run_against_a_broker_that_acknowledges_nothing_ends_and_counts_what_was_sent_as_unknown(string? faults, double rate)
    {
        await using var sink = new LoadSink(new(IPAddress.Loopback, 0));
        var rates = new FaultRates();
        if (faults is not null) rates.Parse(faults);
        var city = new CityRun(
            new() { Devices = 50, Rate = rate * 100, Connections = 1, Duration = TimeSpan.FromSeconds(50) },
            new() { Speed = 100, Length = TimeSpan.FromSeconds(50), Faults = rates, Truth = _folder.Path, Answers = false, DrainTimeout = TimeSpan.FromSeconds(1) },
            TimeProvider.System);
        var run = await city.RunAsync(new Uri($"mqtt://{sink.EndPoint}"), CancellationToken.None).Within("the run to end without an acknowledgement");
        Assert.Equal(0, city.Progress.Acknowledged);
        Assert.True(city.Progress.Unknown > 0);
        Assert.Equal(city.Progress.Made, run!.Messages.Values.Sum());
    }
}
