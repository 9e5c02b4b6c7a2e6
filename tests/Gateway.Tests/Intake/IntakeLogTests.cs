using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

public sealed class IntakeLogTests : IDisposable
{
    private readonly LogRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Records_reach_the_consumer_once_in_order_while_many_append()
    {
        var log = _rig.Open();
        const int Threads = 4, Each = 5000;
        var appending = Enumerable.Range(0, Threads).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                var sequence = LogRig.Append(log, "x");
                if (i % 100 == 0) await log.WhenDurableAsync(sequence);
                Assert.True(i % 100 != 0 || log.Durable >= sequence);
            }
        })).ToArray();
        var next = 1L;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (next <= Threads * Each)
        {
            var batch = log.Take(timeout.Token);
            foreach (var record in batch) Assert.Equal(next++, record.Sequence);
            log.Return(batch);
        }

        await Task.WhenAll(appending);
    }

    [Fact]
    public async Task Nothing_is_acknowledged_while_the_disk_refuses_and_everything_in_order_when_it_takes_again()
    {
        _rig.Options.SegmentBytes = 4096;
        var log = _rig.Open();
        await LogRig.AppendAsync(log, 1);
        Directory.Move(_rig.Options.Folder, _rig.Options.Folder + "-away");
        var acknowledged = new List<long>();
        var payload = new string('x', 5000); // does not fit into the open file
        var first = LogRig.Append(log, payload);
        var waits = Enumerable.Range(0, 3).Select(async i =>
        {
            await log.WhenDurableAsync(first + i);
            lock (acknowledged) acknowledged.Add(first + i);
        }).ToArray();
        LogRig.Append(log, payload);
        LogRig.Append(log, payload);
        await Eventually.IsTrue(() => _rig.Logger.Entries.Any(e => e.Id == 5001), "the refused commit to be logged");
        Assert.Contains(_rig.Options.Folder, _rig.Logger.Entries.First(e => e.Id == 5001).Text, StringComparison.Ordinal);
        Assert.Empty(acknowledged);
        Assert.Equal(1, log.Durable);
        Directory.Move(_rig.Options.Folder + "-away", _rig.Options.Folder);
        await Eventually.Within(Task.WhenAll(waits), "the acknowledgements");
        Assert.Equal(first + 2, log.Durable);
        Assert.Equal(4, LogRig.Replay(_rig.Open()).Count);
    }

    [Fact]
    public async Task A_log_whose_consumer_is_behind_slows_publishers_down_and_lets_them_go_on()
    {
        _rig.Options.Batches = 2;
        _rig.Options.PauseBytes = 1024;
        var log = _rig.Open();
        Assert.True(log.WhenReadyAsync(default).AsTask().IsCompleted);
        await LogRig.AppendAsync(log, 2, consume: false); // both batches are now with the consumer, who gives none back
        var last = LogRig.Append(log, new string('x', 2000));
        var ready = log.WhenReadyAsync(default).AsTask();
        Assert.False(ready.IsCompleted);
        Assert.Equal(2, log.Durable);
        log.Return(log.Take(default));
        await Eventually.Within(ready, "the log to take more");
        await Eventually.Within(log.WhenDurableAsync(last).AsTask(), "the commit that waited for a batch");
    }

    [Fact]
    public async Task A_publisher_that_goes_away_stops_waiting()
    {
        _rig.Options.Batches = 1;
        _rig.Options.PauseBytes = 1024;
        var log = _rig.Open();
        await LogRig.AppendAsync(log, 1, consume: false);
        LogRig.Append(log, new string('x', 2000));
        using var gone = new CancellationTokenSource();
        var ready = log.WhenReadyAsync(gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ready);
    }

    [Fact]
    public async Task A_full_log_slows_publishers_down_until_the_store_has_caught_up()
    {
        _rig.Options.MaxBytes = 8192;
        var log = _rig.Open();
        while (!log.IsFull) await LogRig.AppendAsync(log, 1);
        Assert.True(_rig.Files.Length == 3);
        Assert.Single(_rig.Logger.Entries, e => e.Id == 5002 && e.Text.Contains("Intake:MaxBytes", StringComparison.Ordinal));
        var ready = log.WhenReadyAsync(default).AsTask();
        Assert.False(ready.IsCompleted);
        log.Trim(1); // no whole file is done
        Assert.False(ready.IsCompleted);
        log.Trim(log.Durable);
        await Eventually.Within(ready, "the log to take more");
        Assert.False(log.IsFull);
        Assert.Single(_rig.Files);
    }

    [Fact]
    public async Task Trimming_deletes_files_whose_every_record_is_stored_and_no_other()
    {
        var log = _rig.Open();
        await LogRig.AppendAsync(log, 300);
        var files = _rig.Files;
        Assert.True(files.Length > 3);
        var starts = files.Select(f => Convert.ToInt64(Path.GetFileNameWithoutExtension(f), 16)).ToArray();
        log.Trim(starts[2] - 2);
        Assert.Equal(files[1..], _rig.Files);
        log.Trim(starts[2] - 1);
        Assert.Equal(files[2..], _rig.Files);
        log.Trim(300);
        Assert.Equal(files[^1..], _rig.Files); // the open file stays
        log = _rig.Open(checkpoint: 299);
        Assert.Equal(300, LogRig.Replay(log).Keys.Max());
    }

    [Fact]
    public async Task What_the_store_has_is_kept_for_some_hours_also_over_a_restart()
    {
        _rig.Options.KeepHours = 48;
        var log = _rig.Open();
        await LogRig.AppendAsync(log, 300);
        var files = _rig.Files;
        var now = _rig.Clock.GetUtcNow().UtcDateTime;
        for (var i = 0; i < files.Length; i++) File.SetLastWriteTimeUtc(files[i], now.AddHours(i < 2 ? -49 : -47));
        log.Trim(300);
        Assert.Equal(files[2..], _rig.Files);

        log = _rig.Open(checkpoint: 300);
        Assert.Empty(LogRig.Replay(log)); // kept, not replayed
        Assert.Equal(files[2..], _rig.Files);
        _rig.Clock.Advance(TimeSpan.FromHours(1.5));
        await LogRig.AppendAsync(log, 1);
        log.Trim(300);
        Assert.Equal(301, Convert.ToInt64(Path.GetFileNameWithoutExtension(Assert.Single(_rig.Files)), 16));
    }

    [Fact]
    public async Task What_the_store_has_is_kept_up_to_some_bytes_and_holds_up_no_publisher()
    {
        (_rig.Options.KeepHours, _rig.Options.KeepBytes, _rig.Options.MaxBytes) = (48, 3 * 4096, 8192);
        var log = _rig.Open();
        for (var i = 0; i < 300; i++)
        {
            await LogRig.AppendAsync(log, 1);
            log.Trim(log.Durable);
            Assert.False(log.IsFull);
            Assert.InRange(_rig.Files.Length, 1, 4);
        }

        Assert.Equal(4, _rig.Files.Length); // three kept, one open
        while (!log.IsFull) await LogRig.AppendAsync(log, 1); // nothing is stored any more
        Assert.InRange(_rig.Files.Length, 6, 7);
    }

    [Fact]
    public async Task A_full_disk_takes_the_files_that_are_only_kept_before_anybody_waits()
    {
        const int Room = 8; // files
        _rig.Options.KeepHours = 48;
        var log = _rig.Open(write: (file, bytes, offset) =>
        {
            if (_rig.Files.Length > Room) throw new IOException("No space left on device", IntakeSegments.DiskFull);
            RandomAccess.Write(file, bytes.Span, offset);
        });
        for (var i = 0; i < 1000; i++)
        {
            await LogRig.AppendAsync(log, 1);
            log.Trim(log.Durable);
        }

        Assert.Equal(Room, _rig.Files.Length);
        Assert.DoesNotContain(_rig.Logger.Entries, e => e.Id == 5001);

        // What is not stored stays: publishers wait until the store has caught up.
        bool IsRefused() => _rig.Logger.Entries.Any(e => e.Id == 5001);
        while (!IsRefused())
        {
            var durable = log.WhenDurableAsync(LogRig.Append(log, new string('x', 3000))).AsTask();
            await Eventually.IsTrue(() => durable.IsCompleted || IsRefused(), "a commit, or its refusal");
            if (durable.IsCompleted) log.Return(log.Take(default));
        }

        var waiting = log.WhenDurableAsync(log.Durable + 1).AsTask();
        Assert.False(waiting.IsCompleted);
        log.Trim(log.Durable);
        await Eventually.Within(waiting, "the commit that waited for room");
    }

    [Fact]
    public async Task The_log_leaves_room_for_the_store_and_says_so_while_it_waits()
    {
        _rig.Options.ReserveBytes = long.MaxValue / 2;
        var log = _rig.Open();
        Assert.False(log.IsFailing);
        var waiting = log.WhenDurableAsync(LogRig.Append(log, "x")).AsTask();
        await Eventually.IsTrue(() => log.IsFailing, "the refusal");
        await Eventually.IsTrue(() => _rig.Logger.Entries.Any(e => e.Id == 5001), "the refused commit to be logged");
        Assert.False(waiting.IsCompleted);
        _rig.Options.ReserveBytes = 0;
        await Eventually.Within(waiting, "the commit that waited for room");
        Assert.False(log.IsFailing);
        Assert.Single(_rig.Logger.Entries, e => e.Id == 5001);
        Assert.Single(_rig.Logger.Entries, e => e.Id == 5004);
    }

    [Fact]
    public async Task Trimming_while_files_roll_harms_nothing()
    {
        _rig.Options.SegmentBytes = 4096;
        var log = _rig.Open();
        using var done = new CancellationTokenSource();
        var trimming = Task.Run(() =>
        {
            while (!done.IsCancellationRequested) log.Trim(log.Durable);
        });
        var payload = new string('x', 3000);
        for (var i = 0; i < 400; i++)
        {
            await Eventually.Within(log.WhenDurableAsync(LogRig.Append(log, payload)).AsTask(), "a commit while files are deleted");
            log.Return(log.Take(default));
        }

        await done.CancelAsync();
        await trimming;
        Assert.Equal(400, log.Durable);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_with_what_to_do()
    {
        var file = Path.Combine(Path.GetDirectoryName(_rig.Options.Folder)!, "file");
        File.WriteAllText(file, "");
        _rig.Options.Folder = Path.Combine(file, "intake");
        var error = Assert.Throws<StoreUnavailableException>(() => _rig.Open());
        Assert.Contains(_rig.Options.Folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("set Data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closing_with_records_on_their_way_keeps_what_was_acknowledged()
    {
        var log = _rig.Open();
        var acknowledged = 0L;
        var appending = Task.Run(async () =>
        {
            while (true)
            {
                var sequence = LogRig.Append(log, "x");
                await log.WhenDurableAsync(sequence).AsTask().WaitAsync(TimeSpan.FromMilliseconds(500));
                log.Return(log.Take(default));
                Volatile.Write(ref acknowledged, sequence);
            }
        });
        await Eventually.IsTrue(() => Volatile.Read(ref acknowledged) >= 50, "fifty acknowledgements");
        _rig.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => appending);
        Assert.Equal(Enumerable.Range(1, (int)acknowledged).Select(n => (long)n), LogRig.Replay(_rig.Open()).Keys.Take((int)acknowledged));
    }

    [Fact]
    public void Files_of_others_in_the_folder_are_left_alone()
    {
        Directory.CreateDirectory(_rig.Options.Folder);
        var note = Path.Combine(_rig.Options.Folder, "readme.log");
        File.WriteAllText(note, "not ours");
        var log = _rig.Open();
        Assert.Empty(LogRig.Replay(log));
        Assert.Equal("not ours", File.ReadAllText(note));
    }

    [Theory]
    [InlineData(1000, 1 << 20, 1 << 20, 8, "Intake:SegmentBytes")]
    [InlineData(65536, 65535, 1 << 20, 8, "Intake:MaxBytes")]
    [InlineData(65536, 65536, 10, 8, "Intake:PauseBytes")]
    [InlineData(65536, 65536, 1024, 0, "Intake:Batches")]
    [InlineData(65536, 65536, 1024, 1, null)]
    public void Options_that_cannot_work_are_named(long segment, long max, int pause, int batches, string? named)
    {
        var problem = new IntakeOptions { SegmentBytes = segment, MaxBytes = max, PauseBytes = pause, Batches = batches }.Validate();
        if (named is null) Assert.Null(problem);
        else Assert.StartsWith(named, problem, StringComparison.Ordinal);
    }
}
