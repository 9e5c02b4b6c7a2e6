namespace SmartCity.Gateway.Tests;

/// <summary>Whether a commit waits for more records.</summary>
public sealed class CommitPaceTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(0.3);
    private readonly CommitPace _pace = new(1);

    [Fact]
    public void A_commit_waits_only_when_it_follows_the_last_one_closely()
    {
        Assert.False(_pace.ShouldWait(100, TimeSpan.FromMilliseconds(1)));
        Assert.True(_pace.ShouldWait(100, s_soon));
        Assert.False(new CommitPace(0).ShouldWait(100, TimeSpan.Zero));
    }

    [Fact]
    public void A_large_commit_does_not_wait() => Assert.False(_pace.ShouldWait(64 << 10, s_soon));

    [Fact]
    public void While_waiting_gathers_records_every_commit_waits()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_pace.ShouldWait(100, s_soon));
            _pace.Waited(gathered: true);
        }
    }

    [Fact]
    public void Where_it_gathers_nothing_it_is_tried_ever_more_rarely()
    {
        Assert.Equal([0, 2, 6, 14, 30, 62, 126, 190, 254], Waits(255, gathered: false));
        // One success, and every commit waits again.
        while (!_pace.ShouldWait(100, s_soon)) ;
        _pace.Waited(gathered: true);
        Assert.True(_pace.ShouldWait(100, s_soon));
    }

    private List<int> Waits(int commits, bool gathered)
    {
        var waits = new List<int>();
        for (var i = 0; i < commits; i++)
        {
            if (!_pace.ShouldWait(100, s_soon)) continue;
            waits.Add(i);
            _pace.Waited(gathered);
        }

        return waits;
    }
}
