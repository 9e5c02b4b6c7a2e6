using System.Net;
using SmartCity.Storage.Tests;

namespace SmartCity.Silo.Tests;

/// <summary>A cluster of real processes under load: whichever of them is killed, what was acknowledged is in the store exactly once.</summary>
public sealed class ClusterTests(PostgresServer server, ITestOutputHelper output) : IClassFixture<PostgresServer>
{
    private const int Some = ClusterRig.Some;

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_when_each_host_is_killed_under_load()
    {
        await using var rig = await ClusterRig.CreateAsync(server);
        var first = await rig.StartAsync("Silo");
        var second = await rig.StartAsync("Silo");
        var gateway = await rig.StartAsync("Gateway");
        var load = rig.Publish(gateway);
        await load.MoreAsync(2 * Some);
        await second.KillAsync();
        await rig.AskAboutDevicesAsync(gateway); // before the loss is noticed
        await load.MoreAsync(Some);
        await second.StartAgainAsync();
        await load.MoreAsync(Some);
        await first.KillAsync();
        await load.MoreAsync(2 * Some);
        output.WriteLine($"{await rig.AssertExactlyOnceAsync()} messages");
        Assert.Equal(0, load.Resent);
        Assert.Contains(gateway.Child.Output, line => line.Contains("records of the intake log were sent again", StringComparison.Ordinal)); // or nothing was lost
    }

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_when_the_gateway_is_killed_under_load()
    {
        await using var rig = await ClusterRig.CreateAsync(server);
        await rig.StartAsync("Silo");
        await rig.StartAsync("Silo");
        var gateway = await rig.StartAsync("Gateway");
        var load = rig.Publish(gateway);
        for (var kill = 0; kill < 2; kill++)
        {
            await load.MoreAsync(2 * Some);
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
        }

        await load.MoreAsync(Some);
        output.WriteLine($"{await rig.AssertExactlyOnceAsync()} messages, {load.Resent} of them sent again");
    }

    [Fact]
    public async Task A_host_that_is_given_up_while_it_stands_still_changes_nothing_when_it_goes_on()
    {
        await using var rig = await ClusterRig.CreateAsync(server);
        await rig.StartAsync("Silo");
        var paused = await rig.StartAsync("Silo");
        var gateway = await rig.StartAsync("Gateway");
        var load = rig.Publish(gateway);
        await load.MoreAsync(2 * Some);
        await paused.Child.PauseAsync();
        try
        {
            await gateway.Child.WaitForLineAsync(line => line.Contains("records of the intake log were sent again", StringComparison.Ordinal), "the loss of the host");
            await load.MoreAsync(Some);
        }
        finally
        {
            await paused.Child.ResumeAsync();
        }

        await load.MoreAsync(2 * Some);
        output.WriteLine($"{await rig.AssertExactlyOnceAsync()} messages");
    }

    [Fact]
    public async Task Two_processes_that_do_everything_lose_and_double_nothing_when_one_is_killed()
    {
        await using var rig = await ClusterRig.CreateAsync(server);
        var (one, two) = (await rig.StartAsync("All"), await rig.StartAsync("All"));
        var (load, more) = (rig.Publish(one), rig.Publish(two));
        await Task.WhenAll(load.MoreAsync(2 * Some), more.MoreAsync(2 * Some));
        await two.KillAsync();
        await load.MoreAsync(Some);
        await two.StartAgainAsync();
        await Task.WhenAll(load.MoreAsync(Some), more.MoreAsync(Some));
        output.WriteLine($"{await rig.AssertExactlyOnceAsync()} messages, {more.Resent} of them sent again");
    }

    [Fact]
    public async Task Two_gateways_with_devices_in_common_survive_the_loss_of_a_host()
    {
        await using var rig = await ClusterRig.CreateAsync(server);
        await rig.StartAsync("Silo");
        var second = await rig.StartAsync("Silo");
        var (gateway, other) = (await rig.StartAsync("Gateway"), await rig.StartAsync("Gateway"));
        var (load, more) = (rig.Publish(gateway, shared: 12), rig.Publish(other, shared: 12));
        await Task.WhenAll(load.MoreAsync(2 * Some), more.MoreAsync(2 * Some));
        await second.KillAsync();
        await Task.WhenAll(load.MoreAsync(2 * Some), more.MoreAsync(2 * Some));
        output.WriteLine($"{await rig.AssertExactlyOnceAsync()} messages");
    }

    [Fact]
    public async Task A_process_with_another_window_size_or_lateness_does_not_start_and_says_why()
    {
        await using var rig = await ClusterRig.CreateAsync(server);
        await rig.StartAsync("Silo");
        foreach (var role in (string[])["Silo", "Gateway", "All"])
        {
            Assert.Contains("Write Window:Seconds=5, or choose another database.", await rig.RefusedAsync(role, "--Window:Seconds=10"), StringComparison.Ordinal);
            Assert.Contains("Window:LatenessSeconds is 7 here and 120 in the other processes", await rig.RefusedAsync(role, "--Window:LatenessSeconds=7"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task PostgreSQL_that_is_away_under_load_loses_and_doubles_nothing_and_the_API_says_so_meanwhile()
    {
        await using var rig = await ClusterRig.CreateAsync(server);
        var host = await rig.StartAsync("Silo");
        await rig.StartAsync("Silo");
        var gateway = await rig.StartAsync("Gateway");
        var load = rig.Publish(gateway);
        await load.MoreAsync(2 * Some);
        await server.KillAsync();
        try
        {
            await load.MoreAsync(Some); // messages are taken all the same
            Assert.Contains("store refuses commits", await ClusterRig.UnreadyAsync(gateway), StringComparison.Ordinal);
            Assert.Contains("store refuses commits", await ClusterRig.UnreadyAsync(host), StringComparison.Ordinal);
            Assert.Contains("Start PostgreSQL", await gateway.ProblemAsync("/api/v1/areas/vn/series/air/pm25", HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        }
        finally
        {
            await server.StartAsync();
        }

        await load.MoreAsync(Some);
        await server.RestartAsync();
        await load.MoreAsync(2 * Some);
        output.WriteLine($"{await rig.AssertExactlyOnceAsync()} messages");
        Assert.Equal(0, load.Resent);
        await gateway.WaitForAsync("/healthz/ready", _ => true, "a gateway that is ready again");
        await host.WaitForAsync("/healthz/ready", _ => true, "a host that is ready again");
    }
}
