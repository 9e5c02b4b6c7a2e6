namespace SmartCity.Silo.Tests;

/// <summary>PUBACK means on disk: whichever way the host ends, what it acknowledged is there exactly once after a restart.</summary>
public sealed class DurabilityTests
{
    private static readonly string[] s_options = KeptStream.Options;

    private readonly KeptStream _stream = new();

    [Fact]
    public async Task Nothing_is_lost_when_the_host_is_killed_right_after_the_last_PUBACK()
    {
        const int Count = 4000;
        await using var silo = await SiloProcess.StartAsync("--Window:Seconds=60"); // nothing is stored yet: only the intake log has it
        var publisher = new ResendingPublisher(silo.MqttPort, _stream.Messages(Count));
        Assert.True(await publisher.RunAsync("killed", Count, silo.KillAsync));

        await silo.StartAgainAsync();
        var ledger = await silo.LedgerAsync(Count);
        Assert.Equal((Count, 0L), (ledger.GetProperty("accepted").GetInt64(), ledger.GetProperty("duplicate").GetInt64()));
        Assert.Empty(ledger.GetProperty("rejected").EnumerateObject());
        for (var device = 0; device < KeptStream.Devices; device++)
        {
            var rows = await _stream.RowsAsync(silo, device);
            Assert.Equal(Count / KeptStream.Devices, rows.Sum(r => r.Count));
            Assert.Equal(Enumerable.Range(0, Count / KeptStream.Devices).Sum(i => (double)KeptStream.Value(i)), rows.Sum(r => r.Mean * r.Count), 1e-3);
        }
    }

    /// <summary>Replay brings thousands of readings to each device at once, while it is still being read from the store: none may overtake another.</summary>
    [Fact]
    public async Task Nothing_is_lost_when_large_arrays_are_replayed_again_and_again()
    {
        const int Arrays = 3600, PerArray = 20, Devices = 40;
        await using var silo = await SiloProcess.StartAsync("--Window:Seconds=10");
        var start = Api.NowMs - 60_000; // windows that are stored, and others that are still to end
        List<(string, string)> messages = [.. Enumerable.Range(0, Arrays).Select(a => (
            $"city/nam/sg/energy/burst-{a % Devices}",
            $"[{string.Join(',', Enumerable.Range(a * PerArray, PerArray).Select(i => $$"""{"ts":{{start + (i * 5)}},"seq":{{i}},"energy":{{i}},"pad{{i % 3}}":1}"""))}]"))];
        Assert.True(await new ResendingPublisher(silo.MqttPort, messages).RunAsync("arrays", Arrays, silo.KillAsync));
        for (var kill = 0; kill < 4; kill++)
        {
            if (kill > 0) await silo.KillAsync();
            await silo.StartAgainAsync();
            var ledger = await silo.LedgerAsync(2 * Arrays * PerArray); // whose balance is asked for each time
            Assert.Equal((2 * Arrays * PerArray, 0L), (ledger.GetProperty("accepted").GetInt64(), ledger.GetProperty("duplicate").GetInt64()));
        }

        for (var device = 0; device < Devices; device++)
        {
            var series = await silo.GetAsync($"/api/v1/devices/burst-{device}/series/energy?from={Api.Time(start - 60_000)}&to={Api.Time(start + 600_000)}&step=10m");
            Assert.Equal(Arrays * PerArray / Devices, series.Count());
        }
    }

    [Fact]
    public async Task A_clean_stop_in_mid_stream_ends_with_code_0_and_loses_nothing()
    {
        const int Count = 6000;
        await using var silo = await SiloProcess.StartAsync(s_options);
        var publisher = new ResendingPublisher(silo.MqttPort, _stream.Messages(Count));
        var code = -1;
        await publisher.RunAsync("stopped", Count / 2, async () => code = await silo.StopAsync());
        Assert.Equal(0, code);
        Assert.Empty(silo.Child.Errors);
        Assert.DoesNotContain(silo.Child.Output, line => line.Contains("fail:", StringComparison.Ordinal) || line.Contains("crit:", StringComparison.Ordinal));

        await silo.StartAgainAsync();
        await _stream.AssertExactlyOnceAsync(silo, publisher.Count, publisher.IsAcknowledged, mayHold: true);
        Assert.True(publisher.Acknowledged == Count || await publisher.RunAsync("stopped-again"));
        await _stream.AssertExactlyOnceAsync(silo, publisher.Count, publisher.IsAcknowledged, mayHold: false);
        await KeptStream.AssertBalancedAsync(silo, Count);

        // And once more with nothing under way: what is stored and what is remembered stays the same.
        var before = await _stream.RowsAsync(silo, 0);
        Assert.Equal(0, await silo.StopAsync());
        await silo.StartAgainAsync();
        Assert.Equal(before, await _stream.RowsAsync(silo, 0));
        await KeptStream.AssertBalancedAsync(silo, Count);
    }
}
