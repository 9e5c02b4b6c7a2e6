using SmartCity.Contracts;

namespace SmartCity.Grains.Tests;

/// <summary>Readings as they were measured go into the commit of their window, each once, whatever the window is made of.</summary>
public sealed class ReadingTests
{
    private const string Topic = "city/nam/sg/air/d1";

    [Theory]
    [InlineData(5)] // a small window
    [InlineData(16)]
    [InlineData(17)] // the first that holds statistics instead
    [InlineData(90)]
    public async Task A_window_hands_over_every_reading_once_and_a_correction_only_what_it_adds(int count)
    {
        using var rig = await StartedAsync(4096);
        var blocks = Blocks(rig);
        for (var i = 0; i < count; i++) await rig.PublishAsync(Topic, CityRig.T0 + (i * 500), i / 4.0, seq: i);
        for (var i = 0; i < count; i++) await rig.PublishAsync(Topic, CityRig.T0 + (i * 500), 99, seq: i); // again, and not the same value
        await rig.SettleAsync();
        await rig.DrainAsync();
        Assert.Equal(count, Assert.Single(blocks).Count);

        await rig.PublishAsync(Topic, CityRig.T0 + 7, 1000, seq: 1000); // late, into a window that has left the memory or not
        await rig.PublishAsync(Topic, CityRig.T0 + 500, 99, seq: 1);
        await rig.SettleAsync();
        await rig.DrainAsync();
        Assert.Equal([count, 1], blocks.Select(b => b.Count));
        Assert.Equal(
            Enumerable.Range(0, count).Select(i => (CityRig.T0 + (i * 500L), i, i / 4.0)).Append((CityRig.T0 + 7, 1000, 1000)).Order(),
            (await ReadAsync(rig)).Select(r => (r.EventMs, r.Sequence, r.Value)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public async Task Of_readings_of_one_instant_all_but_the_first_say_so_also_when_a_restart_lies_between(int others)
    {
        using var rig = await StartedAsync(4096);
        var blocks = Blocks(rig);
        for (var i = 0; i < others; i++) await rig.PublishAsync(Topic, CityRig.T0 + 1 + i, 1, seq: i);
        await rig.PublishAsync(Topic, CityRig.T0 + 50_000, 7, seq: 100);
        await rig.PublishAsync(Topic, CityRig.T0 + 50_000, 8, seq: 101);
        await rig.DrainAsync();
        await rig.RestartAsync();
        Watch(rig, blocks);
        await rig.PublishAsync(Topic, CityRig.T0 + 50_000, 9);
        await rig.SettleAsync();
        await rig.DrainAsync();
        var shared = blocks.SelectMany(b => ReadingCodec.Decode(b.StartMs, b.Readings)).Where(r => r.EventMs == CityRig.T0 + 50_000);
        Assert.Equal([(100, 7.0, false), (101, 8.0, true), (-1, 9.0, true)], shared.Select(r => (r.Sequence, r.Value, r.SharesInstant)));
    }

    [Fact]
    public async Task A_window_with_more_readings_than_may_wait_is_stored_before_its_end_and_again_at_its_end()
    {
        using var rig = await StartedAsync(20);
        var blocks = Blocks(rig);
        for (var i = 0; i < 70; i++)
        {
            await rig.PublishAsync(Topic, CityRig.T0 + i, i, seq: i);
            await rig.SettleAsync();
            if (i % 10 == 9) Assert.True(await rig.TickAsync(afterSeconds: 2));
        }

        Assert.Equal([20, 20, 20], blocks.Select(b => b.Count)); // long before the window has ended
        await rig.DrainAsync();
        Assert.Equal(70, blocks.Sum(b => b.Count));
        Assert.Equal(Enumerable.Range(0, 70), (await ReadAsync(rig)).Select(r => r.Sequence));
        var window = Assert.Single(await rig.Store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue, default));
        Assert.Equal((70, 0, 4), (window.Aggregate.Count, window.Late, window.Revision));
        Assert.Equal(70, Assert.Single(await rig.Store.ReadAreaWindowsAsync("vn", "air", "pm25", 0, long.MaxValue, default)).Aggregate.Count);
    }

    [Fact]
    public async Task Without_the_option_no_reading_is_in_a_commit()
    {
        using var rig = await StartedAsync(0);
        var blocks = Blocks(rig);
        for (var i = 0; i < 40; i++) await rig.PublishAsync(Topic, CityRig.T0 + i, i, seq: i);
        await rig.SettleAsync();
        await rig.DrainAsync();
        Assert.Empty(blocks);
        Assert.Empty(await ReadAsync(rig));
    }

    private static Task<CityRig> StartedAsync(int readingsPerBlock) => CityRig.StartedAsync(r => r.Window.ReadingsPerBlock = readingsPerBlock);

    /// <summary>What commits bring from now on.</summary>
    private static List<ReadingBlock> Blocks(CityRig rig)
    {
        var blocks = new List<ReadingBlock>();
        Watch(rig, blocks);
        return blocks;
    }

    private static void Watch(CityRig rig, List<ReadingBlock> blocks) => rig.Store.Committed = commit => blocks.AddRange(commit.Readings);

    private static async Task<IReadOnlyList<StoredReading>> ReadAsync(CityRig rig) =>
        (await rig.Store.ReadReadingsAsync(new("d1", "air", "pm25", 0, long.MaxValue, null, 1000), default)).Readings;
}
