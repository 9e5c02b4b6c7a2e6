namespace SmartCity.Silo.Tests;

/// <summary>The first command of the README: a city that moves, without anything else installed.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_fills_all_three_regions_and_keeps_the_ledger_balanced()
    {
        await using var silo = await SiloProcess.StartAsync("--Demo");
        var areas = await silo.WaitForAsync(
            "/api/v1/areas",
            a => a.Items().Where(i => i.Text("level") == "region").All(r => r.GetProperty("online").GetInt32() > 0),
            "devices online in all three regions");
        Assert.Equal(3, areas.Items().Count(i => i.Text("level") == "region"));
        foreach (var kind in (string[])["air", "noise", "traffic", "water", "weather", "light", "energy", "cell", "mdt"])
        {
            foreach (var region in (string[])["bac", "trung", "nam"])
                await silo.WaitForAsync($"/api/v1/devices?kind={kind}&area={region}&limit=1", page => page.Items().Count == 1, $"a device of kind {kind} in {region}");
        }

        var before = (await silo.LedgerAsync(100)).GetProperty("accepted").GetInt64();
        var after = await silo.LedgerAsync(before + 1); // it goes on
        Assert.Empty(after.GetProperty("rejected").EnumerateObject());
        Assert.Equal(0, await silo.StopAsync());
        Assert.Empty(silo.Child.Errors);
    }
}
