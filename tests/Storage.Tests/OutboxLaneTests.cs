namespace SmartCity.Storage.Tests;

/// <summary>What becomes of a lane whose process is no longer the one that sends.</summary>
public sealed class OutboxLaneTests
{
    private static readonly OutboxChunk s_chunk = new(1, 1, LineBatcher.Compress("m f=1 1\n"u8));

    [Fact]
    public async Task A_request_under_way_is_left_to_end_for_the_server_might_execute_it_behind_the_next_one()
    {
        var client = new HeldClient();
        var lane = Lane(client, new ManualTime());
        var dropping = lane.DropAsync();
        Assert.False(client.Token.IsCancellationRequested);
        Assert.False(dropping.IsCompleted);
        client.Answer.SetResult(WriteOutcome.Accepted);
        await dropping.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Null(lane.Running);
    }

    [Fact]
    public async Task A_request_under_way_ends_at_once_when_the_process_stops()
    {
        using var stop = new CancellationTokenSource();
        var client = new HeldClient();
        var lane = Lane(client, new ManualTime(), stop.Token);
        await stop.CancelAsync();
        await lane.DropAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_wait_after_a_failure_ends_at_once()
    {
        var time = new ManualTime();
        var client = new HeldClient();
        var lane = Lane(client, time);
        client.Answer.SetResult(new(WriteResult.Keep, "away"));
        await lane.Running!;
        lane.Retry(null, TimeSpan.Zero);
        await time.ArmedAsync(except: TimeSpan.Zero);
        await lane.DropAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(1, client.Requests);
    }

    private static OutboxLane Lane(HeldClient client, TimeProvider time, CancellationToken stopping = default)
    {
        var lane = new OutboxLane(new InfluxOptions(), time);
        lane.Begin(s_chunk, null, [new ChunkSend(client, s_chunk.Body, s_chunk.Lines)], TimeSpan.Zero, stopping);
        return lane;
    }

    private sealed class HeldClient : ILineProtocolClient
    {
        public TaskCompletionSource<WriteOutcome> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Token { get; private set; }

        public int Requests { get; private set; }

        public Task<WriteOutcome> WriteAsync(ReadOnlyMemory<byte> gzipLines, LineTarget target, CancellationToken cancellationToken)
        {
            (Token, Requests) = (cancellationToken, Requests + 1);
            return Answer.Task.WaitAsync(cancellationToken);
        }
    }
}
