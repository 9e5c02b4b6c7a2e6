namespace SmartCity.Storage.Tests;

/// <summary>A real influxd that is killed and comes back while commits go on.</summary>
public sealed class InfluxOutageTests(InfluxServer server) : IClassFixture<InfluxServer>
{
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
