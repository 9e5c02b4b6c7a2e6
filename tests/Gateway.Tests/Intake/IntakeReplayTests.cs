using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

public sealed class IntakeReplayTests : IDisposable
{
    private readonly LogRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task What_was_durable_is_replayed_with_topic_payload_and_time()
    {
        var log = _rig.Open();
        _rig.Clock.Advance(TimeSpan.FromSeconds(7));
        await log.WhenDurableAsync(log.Append("city/bac/hn/air/a"u8, "{}"u8));
        log = _rig.Open();
        var batch = Assert.Single(log.Replay(default));
        foreach (var record in batch)
        {
            Assert.Equal(1, record.Sequence);
            Assert.Equal(1_764_000_007_000, record.ArrivalMs);
            Assert.True(record.Topic.SequenceEqual("city/bac/hn/air/a"u8));
            Assert.True(record.Payload.SequenceEqual("{}"u8));
        }
    }

    [Fact]
    public async Task Empty_and_large_records_survive()
    {
        var log = _rig.Open();
        var large = new byte[300_000];
        new Random(1).NextBytes(large);
        log.Append([], []);
        await log.WhenDurableAsync(log.Append(new byte[65_535], large));
        log = _rig.Open();
        var payloads = new List<byte[]>();
        foreach (var batch in log.Replay(default))
        {
            foreach (var record in batch) payloads.Add(record.Payload.ToArray());
        }

        Assert.Equal([[], large], payloads);
    }

    [Fact]
    public async Task The_sequence_goes_on_after_every_opening_and_each_opening_replays_everything_behind_the_checkpoint()
    {
        for (var opening = 0; opening < 5; opening++)
        {
            var log = _rig.Open();
            Assert.Equal(Enumerable.Range(1, opening * 30).Select(n => LogRig.PayloadOf(n)), LogRig.Replay(log).Values);
            await LogRig.AppendAsync(log, 30);
        }

        foreach (var checkpoint in new long[] { 0, 1, 29, 30, 31, 77, 149, 150 })
        {
            var log = _rig.Open(checkpoint);
            // A commit may straddle the checkpoint; the pump skips what it has. Here each commit is one record.
            Assert.Equal(Enumerable.Range((int)checkpoint + 1, 150 - (int)checkpoint).Select(n => (long)n), LogRig.Replay(log).Keys);
            Assert.Equal(150, log.Durable);
        }
    }

    [Fact]
    public async Task A_checkpoint_beyond_the_log_gives_nothing_and_numbers_go_on_behind_it()
    {
        await LogRig.AppendAsync(_rig.Open(), 3);
        var log = _rig.Open(checkpoint: 1000); // the folder was emptied or restored from an older copy
        Assert.Empty(LogRig.Replay(log));
        Assert.Equal(1001, LogRig.Append(log, "x"));
    }

    [Fact]
    public async Task A_tail_torn_at_any_byte_loses_only_itself()
    {
        var log = _rig.Open();
        await LogRig.AppendAsync(log, 2);
        _rig.Close();
        var two = FrameEnd(await File.ReadAllBytesAsync(_rig.Files[0]), 2);
        log = _rig.Open();
        _rig.Close();
        File.Delete(_rig.Files[0]);
        log = _rig.Open();
        await LogRig.AppendAsync(log, 3);
        _rig.Close();
        var path = Assert.Single(_rig.Files);
        var whole = await File.ReadAllBytesAsync(path);
        var three = FrameEnd(whole, 3);
        Assert.True(three > two);
        for (var cut = two; cut < three; cut++)
        {
            foreach (var zeros in new[] { false, true })
            {
                foreach (var file in _rig.Files) File.Delete(file);
                // A killed process leaves the preallocated zeros behind the tear; a lost disk cache may leave a short file.
                await File.WriteAllBytesAsync(path, zeros ? [.. whole[..cut], .. new byte[whole.Length - cut]] : whole[..cut]);
                log = _rig.Open();
                Assert.Equal([1, 2], LogRig.Replay(log).Keys);
                Assert.Equal(2, log.Durable);
                await LogRig.AppendAsync(log, 1);
                log = _rig.Open();
                Assert.Equal([1, 2, 3], LogRig.Replay(log).Keys);
                Assert.DoesNotContain(_rig.Logger.Entries, e => e.Id == 5003);
            }
        }
    }

    [Fact]
    public async Task A_damaged_byte_in_the_middle_loses_its_commit_only_and_says_so()
    {
        await LogRig.AppendAsync(_rig.Open(), 3);
        await LogRig.AppendAsync(_rig.Open(), 1); // in a file of its own
        _rig.Close();
        var path = _rig.Files[0];
        var whole = await File.ReadAllBytesAsync(path);
        var (first, second) = (FrameEnd(whole, 1), FrameEnd(whole, 2));
        for (var at = first; at < second; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            await File.WriteAllBytesAsync(path, damaged);
            var keys = LogRig.Replay(_rig.Open()).Keys;
            // Where magic or length are gone, nobody can say where the next commit begins; the next file still can be read.
            Assert.Equal(at - first < 8 ? [1L, 4L] : [1L, 3L, 4L], keys);
            Assert.Single(_rig.Logger.Entries, e => e.Id == 5003 && e.Text.StartsWith(at - first < 8 ? "Records 2 to 3" : "Records 2 to 2", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Replay_ends_although_new_traffic_holds_every_batch()
    {
        _rig.Options.Batches = 2;
        var log = _rig.Open();
        await LogRig.AppendAsync(log, 20);
        log = _rig.Open();
        var replayed = new SortedDictionary<long, string>();
        using var replay = log.Replay(default).GetEnumerator();
        Assert.True(replay.MoveNext());
        // Publishers come while the first commit of the replay is being decoded, until the log has no batch left.
        await LogRig.AppendAsync(log, 2, consume: false);
        var waiting = LogRig.Append(log, "waits for a batch");
        await Eventually.Within(Task.Run(() =>
        {
            do
            {
                LogRig.AddTo(replayed, replay.Current);
                log.Return(replay.Current);
            }
            while (replay.MoveNext());
        }), "the replay to end");
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), replayed.Keys);
        for (var next = 21; next <= 23; next++)
        {
            var batch = log.Take(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
            Assert.Equal(next, batch.FirstSequence);
            log.Return(batch);
        }

        await Eventually.Within(log.WhenDurableAsync(waiting).AsTask(), "the record that waited");
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed()
    {
        var acknowledged = new HashSet<long>();
        for (var kill = 0; kill < 3; kill++)
        {
            using var child = AppendChild.Start(_rig.Options.Folder);
            foreach (var sequence in await child.KillAfterAsync(1500 + (kill * 700))) Assert.True(acknowledged.Add(sequence), $"{sequence} was given out twice");
        }

        var log = _rig.Open();
        var replayed = LogRig.Replay(log);
        Assert.Equal(Enumerable.Range(1, (int)log.Durable).Select(n => (long)n), replayed.Keys); // no gap, no order lost
        Assert.Empty(acknowledged.Except(replayed.Keys));
        Assert.Equal(replayed.Count, replayed.Values.Distinct().Count());
        Assert.True(_rig.Files.Length >= 3);
    }

    /// <summary>Offset behind the first <paramref name="frames"/> frames.</summary>
    private static int FrameEnd(byte[] file, int frames)
    {
        var offset = 0;
        for (var i = 0; i < frames; i++) offset += IntakeBatch.HeaderBytes + IntakeBatch.BodyLengthOf(file.AsSpan(offset));
        return offset;
    }
}
