using System.Collections.Concurrent;
using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

public sealed class IngestPumpTests : IDisposable
{
    private readonly PumpRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Messages_reach_their_grains_in_the_order_of_the_log()
    {
        _rig.Start();
        long last = 0;
        for (var i = 0; i < 300; i++) last = await _rig.PublishAsync("[{\"pm25\":1},{\"pm25\":2}]", $"d{i % 7}");
        await _rig.AppliedAsync(last);
        var positions = _rig.Grains.Taken.Select(t => t.Position).ToList();
        Assert.Equal(600, positions.Count);
        Assert.Equal(positions.Order(), positions);
        Assert.Equal(7, _rig.Grains.Taken.Select(t => t.Device).Distinct().Count());
    }

    [Fact]
    public async Task Applied_follows_completion_in_the_order_of_the_log_and_never_runs_ahead()
    {
        var gates = new ConcurrentDictionary<string, TaskCompletionSource>();
        _rig.Grains.OnIngest = (device, _) => gates.GetOrAdd(device, _ => new()).Task;
        var pump = _rig.Start();
        var sequences = new List<long>();
        for (var i = 0; i < 10; i++) sequences.Add(await _rig.PublishAsync("{\"pm25\":1}", $"d{i}"));
        await Eventually.IsTrue(() => _rig.Grains.Taken.Count == 10, "ten messages on their way");
        Assert.Equal(LogPosition.Through(0), pump.AppliedThrough);
        foreach (var i in new[] { 9, 4, 1, 2 }) gates[$"d{i}"].SetResult(); // others overtake the first
        Assert.Equal(LogPosition.Through(0), pump.AppliedThrough);
        gates["d0"].SetResult();
        await _rig.AppliedAsync(sequences[2]); // 0, 1 and 2 are done, 3 is not
        Assert.Equal(LogPosition.Through(sequences[2]), pump.AppliedThrough);
        gates["d3"].SetResult();
        await _rig.AppliedAsync(sequences[4]);
        Assert.Equal(LogPosition.Through(sequences[4]), pump.AppliedThrough);
        for (var i = 5; i < 9; i++) gates[$"d{i}"].SetResult();
        await _rig.AppliedAsync(sequences[9]);
    }

    [Fact]
    public async Task At_the_limit_of_outstanding_messages_the_pump_waits_and_goes_on_when_half_are_done()
    {
        _rig.Options.MaxOutstanding = 4;
        var gates = new ConcurrentQueue<TaskCompletionSource>();
        _rig.Grains.OnIngest = (_, _) =>
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            gates.Enqueue(gate);
            return gate.Task;
        };
        _rig.Start();
        long last = 0;
        for (var i = 0; i < 20; i++) last = await _rig.PublishAsync("{\"pm25\":1}", $"d{i}");
        for (var done = 0; done < 20; done++)
        {
            await Eventually.IsTrue(() => !gates.IsEmpty, $"message {done}");
            Assert.InRange(_rig.Grains.Taken.Count - done, 1, 4);
            Assert.True(gates.TryDequeue(out var gate));
            gate.SetResult();
        }

        await _rig.AppliedAsync(last);
    }

    [Fact]
    public async Task A_grain_that_fails_costs_its_own_message_which_becomes_a_dead_letter()
    {
        _rig.Grains.OnIngest = (device, _) => device == "bad" ? Task.FromException(new InvalidOperationException("broken")) : Task.CompletedTask;
        var pump = _rig.Start();
        await _rig.PublishAsync("{\"pm25\":1}", "good");
        var failed = await _rig.PublishAsync("{\"ts\":1763990000000,\"pm25\":1,\"temp\":30}", "bad");
        await _rig.AppliedAsync(await _rig.PublishAsync("{\"pm25\":1}", "good"));
        var commit = new StoreCommit();
        pump.Contribute(commit);
        var letter = Assert.Single(commit.DeadLetters);
        Assert.Equal((LogPosition.Of(failed, 0), "bad", RejectReason.InternalError, "broken", 2), (letter.Position, letter.DeviceId, letter.Reason, letter.Detail, letter.Readings));
        Assert.Equal("pm25=1, temp=30", System.Text.Encoding.UTF8.GetString(letter.Payload));
        // Accepted and refused are counted in the same hour.
        var accepted = Assert.Single(commit.Accepted, a => a.DeviceId == "bad");
        Assert.Equal((accepted.HourMs, 2), (letter.CountedMs!.Value - (letter.CountedMs.Value % 3_600_000), accepted.Readings));
        Assert.Contains(_rig.Logger.Entries, e => e.Id == 5102);
    }

    [Fact]
    public async Task What_cannot_be_decoded_becomes_a_dead_letter_with_topic_and_payload_and_counts_as_accepted()
    {
        _rig.Options.DeadLetterBytes = 5;
        var pump = _rig.Start();
        await _rig.PublishAsync("{\"pm25\":", "d1");
        await _rig.PublishAsync("{\"pm25\":1}", "d1", "nam/xx/air");
        await _rig.AppliedAsync(await _rig.PublishAsync("{\"RRU.PrbTotDl\":1}", "not-an-ncgi", "nam/sg/cell"));
        var commit = new StoreCommit();
        pump.Contribute(commit);
        Assert.Equal([RejectReason.BadJson, RejectReason.UnknownUnit, RejectReason.BadField], commit.DeadLetters.Select(d => d.Reason));
        Assert.Equal(["d1", "d1", "not-an-ncgi"], commit.DeadLetters.Select(d => d.DeviceId));
        Assert.Equal("city/nam/sg/air/d1", commit.DeadLetters[0].Topic);
        Assert.Equal("{\"pm2"u8.ToArray(), commit.DeadLetters[0].Payload);
        Assert.Equal(commit.DeadLetters.Sum(d => d.Readings), commit.Accepted.Sum(a => a.Readings));
        Assert.Empty(commit.Devices); // a device registers with its first accepted message
        Assert.Equal(0, pump.Devices.Count);
    }

    [Fact]
    public async Task Text_that_is_no_text_does_not_end_the_pump_now_or_at_replay()
    {
        _rig.Start();
        await _rig.PublishAsync("{\"\\ud800\":1}");
        await _rig.AppliedAsync(await _rig.PublishAsync("{\"pm25\":1}"));
        var pump = _rig.Start();
        await _rig.AppliedAsync(await _rig.PublishAsync("{\"pm25\":2}"));
        Assert.Equal(2, _rig.Grains.Taken.Count);
        var commit = new StoreCommit();
        pump.Contribute(commit);
        Assert.Equal(RejectReason.BadJson, Assert.Single(commit.DeadLetters).Reason);
    }

    [Fact]
    public async Task A_replay_begins_behind_the_checkpoint_and_counts_accepted_readings_behind_their_own_mark()
    {
        _rig.Start();
        for (var i = 0; i < 10; i++) await _rig.PublishAsync("{\"ts\":1764000000000,\"pm25\":1}", $"d{i}");
        await _rig.AppliedAsync(10);
        var record = new DeviceRecord { Id = "d3", Stream = new("nam", "sg", "air"), RegisteredMs = 1, LastSeenMs = 2, Latitude = 10, Longitude = 106 };
        var pump = _rig.Start(new(LogPosition.Of(4, 0) - 1, LogPosition.Through(7)), record);
        Assert.True(pump.IsCatchingUp);
        await _rig.AppliedAsync(10);
        Assert.Equal(Enumerable.Range(4, 7).Select(n => LogPosition.Of(n, 0)), _rig.Grains.Taken.Select(t => t.Position));
        Assert.True(pump.Devices.IsStored("d3"));
        Assert.False(pump.Devices.IsStored("d5")); // registered by the replay
        var commit = new StoreCommit();
        Assert.Equal(LogPosition.Through(10), pump.Contribute(commit));
        Assert.Equal(["d7", "d8", "d9"], commit.Accepted.Select(a => a.DeviceId)); // records 8, 9 and 10
        Assert.Equal(LogPosition.Through(10), commit.AcceptedThrough);
        Assert.True(pump.IsCatchingUp); // the commit above may have been begun before the last record was applied
        pump.Contribute(new());
        Assert.False(pump.IsCatchingUp);
    }

    [Fact]
    public void A_start_with_nothing_to_replay_is_not_catching_up() => Assert.False(_rig.Start().IsCatchingUp);

    [Fact]
    public async Task Devices_register_up_to_the_limit_and_those_known_go_on()
    {
        _rig.Options.MaxDevices = 2;
        var pump = _rig.Start();
        for (var i = 0; i < 3; i++) await _rig.PublishAsync("{\"pm25\":1,\"temp\":30,\"rh\":101}", $"d{i}");
        await _rig.AppliedAsync(await _rig.PublishAsync("{\"pm25\":1}", "d0"));
        Assert.Equal(["d0", "d1", "d0"], _rig.Grains.Taken.Select(t => t.Device));
        var commit = new StoreCommit();
        pump.Contribute(commit);
        Assert.Equal(3, commit.DeadLetters.Count(d => d.Reason == RejectReason.OutOfRange));
        var letter = Assert.Single(commit.DeadLetters, d => d.Reason != RejectReason.OutOfRange);
        Assert.Equal((RejectReason.TooManyDevices, 2, "d2"), (letter.Reason, letter.Readings, letter.DeviceId));
        Assert.Contains("Gateway:MaxDevices", letter.Detail, StringComparison.Ordinal);
        Assert.Equal(3 + 3 + 3 + 1, commit.Accepted.Sum(a => a.Readings));
    }

    [Fact]
    public async Task Nothing_moves_while_somebody_adds_up_the_ledger()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _rig.Grains.OnIngest = (device, _) => device == "slow" ? gate.Task : Task.CompletedTask;
        var pump = _rig.Start();
        await _rig.PublishAsync("{\"pm25\":1}", "slow");
        await Eventually.IsTrue(() => _rig.Grains.Taken.Count == 1, "the slow message");
        var inside = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        var adding = pump.WhileIdleAsync(async pending =>
        {
            inside.SetResult();
            await leave.Task;
            return pending.PendingAccepted.Sum(a => a.Readings);
        }, default);
        await _rig.PublishAsync("{\"pm25\":1}", "fast");
        Assert.False(inside.Task.IsCompleted); // a message is on its way
        gate.SetResult();
        await Eventually.Within(inside.Task, "the sum to begin");
        Assert.Single(_rig.Grains.Taken);
        leave.SetResult();
        Assert.Equal(1, await adding);
        await Eventually.IsTrue(() => _rig.Grains.Taken.Count == 2, "the message that waited");
    }

    [Fact]
    public async Task Stopping_in_the_middle_waits_for_nobody()
    {
        _rig.Options.MaxOutstanding = 2;
        _rig.Grains.OnIngest = (_, _) => new TaskCompletionSource().Task; // never
        _rig.Start();
        for (var i = 0; i < 10; i++) await _rig.PublishAsync("{\"pm25\":1}", $"d{i}");
        await Eventually.IsTrue(() => _rig.Grains.Taken.Count == 2, "the pump to wait at its limit");
        await Eventually.Within(Task.Run(_rig.Stop), "the pump to stop");
    }

    [Fact]
    public async Task Messages_go_back_to_the_pool_only_when_their_grain_is_done_with_them()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        DeviceMessage? held = null;
        _rig.Grains.OnIngest = (device, message) =>
        {
            if (device != "slow") return Task.CompletedTask;
            held = message;
            return gate.Task;
        };
        _rig.Start();
        await _rig.PublishAsync("{\"pm25\":7,\"temp\":8}", "slow");
        for (var i = 0; i < 50; i++) await _rig.PublishAsync("{\"rh\":1}", "other");
        await Eventually.IsTrue(() => _rig.Grains.Taken.Count == 51, "the others");
        Assert.Equal((2, "pm25", 7.0), (held!.Count, held.Readings[0].Metric, held.Readings[0].Value));
        gate.SetResult();
        await _rig.AppliedAsync(51);
    }
}
