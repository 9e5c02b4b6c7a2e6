namespace SmartCity.Silo.Tests;

/// <summary>The wall clock of the machine jumps, forwards over days and back again, under load and beside <c>kill -9</c>: nothing acknowledged is lost or counted twice.</summary>
public sealed class ClockJumpTests(ITestOutputHelper output)
{
    private const int Kills = 5;
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(100);
    // Readings are at least 500 s old: none is in the future, whatever the clock says.
    private static readonly TimeSpan[] s_offsets = [TimeSpan.Zero, TimeSpan.FromSeconds(-400), TimeSpan.FromSeconds(90), TimeSpan.FromHours(3), TimeSpan.FromHours(-0.1), TimeSpan.FromDays(3)];

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_while_the_clock_jumps()
    {
        const int Count = 6000;
        var random = new Random(3);
        var stream = new KeptStream(Count);
        using var clock = new FakeClock();
        await using var silo = await SiloProcess.StartAsync(clock.Environment, [.. KeptStream.Options, "--Intake:SegmentBytes=262144"]);
        clock.Set(TimeSpan.FromDays(3));
        await AssertShowsAsync(silo, clock);

        var publisher = new ResendingPublisher(silo.MqttPort, stream.Messages(Count));
        using var ending = new CancellationTokenSource();
        var jumping = JumpAsync(clock, random, ending.Token);
        for (var kill = 0; kill < Kills; kill++)
        {
            Assert.False(await publisher.RunAsync($"clock-{kill}", Math.Max(publisher.Acknowledged + 1, Count * (kill + 1) / (Kills + 1)), silo.KillAsync), "The host was ended too late to be in mid-stream.");
            await silo.StartAgainAsync();
            await stream.AssertExactlyOnceAsync(silo, Count, publisher.IsAcknowledged, mayHold: true);
        }

        Assert.True(await publisher.RunAsync("clock-last"));
        await ending.CancelAsync();
        var jumps = await jumping;
        Assert.True(jumps > 20, $"The clock jumped {jumps} times only.");
        // Without a range, the ledger is that of the last day, by the clock.
        clock.Set(TimeSpan.Zero);
        await AssertShowsAsync(silo, clock);
        await stream.AssertExactlyOnceAsync(silo, Count, publisher.IsAcknowledged, mayHold: false);
        await KeptStream.AssertBalancedAsync(silo, Count);
        output.WriteLine($"{jumps} jumps of the clock and {Kills} kill -9: {Count} readings acknowledged, 0 lost, 0 doubled");
    }

    private static async Task<int> JumpAsync(FakeClock clock, Random random, CancellationToken ending)
    {
        var jumps = 0;
        using var timer = new PeriodicTimer(s_between);
        try
        {
            while (await timer.WaitForNextTickAsync(ending))
            {
                var offset = s_offsets[random.Next(s_offsets.Length)];
                if (offset == clock.Offset) continue;
                clock.Set(offset);
                jumps++;
            }
        }
        catch (OperationCanceledException)
        {
            // The load has ended.
        }

        return jumps;
    }

    /// <summary>The host has the time that was set: its answers carry it.</summary>
    private static async Task AssertShowsAsync(SiloProcess silo, FakeClock clock)
    {
        var off = TimeSpan.MaxValue;
        using var timer = new PeriodicTimer(s_between);
        for (var tries = 0; tries < 100 && off.Duration() > TimeSpan.FromSeconds(10); tries++)
        {
            await timer.WaitForNextTickAsync(); // the server writes the date anew once a second
            using var response = await silo.Http.GetAsync("/healthz/live");
            off = response.Headers.Date!.Value - (TimeProvider.System.GetUtcNow() + clock.Offset);
        }

        Assert.InRange(off, TimeSpan.FromSeconds(-10), TimeSpan.FromSeconds(10));
    }
}
