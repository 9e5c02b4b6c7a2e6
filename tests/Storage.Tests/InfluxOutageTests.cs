using System.Text;

namespace SmartCity.Storage.Tests;

/// <summary>A real influxd that is killed and comes back while commits go on.</summary>
public sealed class InfluxOutageTests(InfluxServer server) : IClassFixture<InfluxServer>
{
    [Fact]
    public async Task After_a_long_outage_new_windows_are_readable_while_most_of_the_backlog_waits()
    {
        const int Backlog = 400;
        var options = server.Options();
        await using var rig = await OutboxRig.StartAsync(options, pump: false);
        for (var commit = 0; commit < Backlog; commit++) await rig.CommitAsync(100);
        await rig.PumpAsync();
        await rig.UntilAsync(() => rig.Status.SentChunks >= 1, "the first chunk of the backlog");
        await rig.CommitAsync(100);
        using var writer = new InfluxWriter(options);
        using var influx = new InfluxSeriesStore(options, writer);
        var newest = Sample.T0 + (Backlog * 60_000L);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var waiting = 0L;
        do
        {
            waiting = rig.Status.WaitingChunks;
            if (waiting == 0) break;
        }
        while ((await influx.ReadDeviceAsync("d7", "pm25", newest, newest + 1, default)).Count == 0 && await timer.WaitForNextTickAsync());
        Assert.InRange(waiting, Backlog / 2, Backlog);
        await rig.UntilEmptyAsync();
        Assert.Equal(Backlog + 1, (await influx.ReadDeviceAsync("d7", "pm25", 0, long.MaxValue, default)).Count);
    }

    [Fact]
    public async Task Lines_that_influxd_refuses_are_found_one_by_one_and_it_has_all_others()
    {
        var options = server.Options();
        using var writer = new InfluxWriter(options);
        using var influx = new InfluxSeriesStore(options, writer);
        var chunk = Assert.Single(LineProtocol.Chunks([.. Enumerable.Range(0, 200).Select(i => Sample.Window($"d{i}"))], [], options));
        var lines = Encoding.UTF8.GetString(LineBatcher.Decompress(chunk.Body)).Split('\n');
        lines[17] = "reading_1m,device=d17 pm25_mean=\"text\" 1764000000000"; // taken for a field of another type
        lines[18] = "reading_1m,device=d18 pm25_mean= 1764000000000"; // no line
        lines[150] = "reading_1m,device=d150 pm25_count=1.5 1764000000000";
        var send = new ChunkSend(writer, LineBatcher.Compress(Encoding.UTF8.GetBytes(string.Join('\n', lines))), 200);
        Assert.Equal(WriteOutcome.Accepted, await send.ContinueAsync(default));
        Assert.Equal(["d150", "d17", "d18"], send.Rejected.Select(r => r.Sample.Split("device=")[1].Split(' ')[0]).Order());
        Assert.All(send.Rejected, r => Assert.Equal(1, r.Lines));
        Assert.Equal((2, 1), (send.Rejected.Count(r => r.Message.Contains("field type conflict", StringComparison.Ordinal)), send.Rejected.Count(r => r.Message.Contains("unable to parse", StringComparison.Ordinal))));
        for (var i = 0; i < 200; i++) Assert.Equal(i is 17 or 18 or 150 ? 0 : 1, (await influx.ReadDeviceAsync($"d{i}", "pm25", 0, long.MaxValue, default)).Count);
    }

    [Fact]
    public async Task A_server_killed_in_the_middle_ends_with_every_row()
    {
        const int Devices = 50;
        var options = server.Options();
        await using var rig = await OutboxRig.StartAsync(options);
        var commits = 0;
        for (; commits < 10; commits++) await rig.CommitAsync(Devices);
        await rig.UntilAsync(() => rig.Status.SentChunks >= 3, "three chunks in influxd");
        await server.KillAsync();
        var retries = rig.Status.Retries;
        for (; commits < 20; commits++) await rig.CommitAsync(Devices);
        await rig.UntilAsync(() => rig.Status.Retries > retries, "a refused connection");
        Assert.True(rig.Status.WaitingChunks >= 10);
        await server.StartAsync();
        for (; commits < 30; commits++) await rig.CommitAsync(Devices);
        await rig.UntilEmptyAsync();
        Assert.Equal((30, 0), (rig.Status.SentChunks, rig.Status.RejectedLines));

        using var writer = new InfluxWriter(options);
        using var influx = new InfluxSeriesStore(options, writer);
        for (var device = 0; device < Devices; device++)
        {
            var expected = await rig.Store.ReadDeviceAsync($"d{device}", "pm25", 0, long.MaxValue, default);
            Assert.Equal(30, expected.Count);
            Assert.Equal(expected, await influx.ReadDeviceAsync($"d{device}", "pm25", 0, long.MaxValue, default));
        }
    }
}
