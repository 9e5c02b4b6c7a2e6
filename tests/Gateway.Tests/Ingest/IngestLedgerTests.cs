using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Gateway.Tests;

public sealed class IngestLedgerTests
{
    private const long HourMs = 3_600_000;
    private static readonly StreamName s_stream = new("nam", "sg", "air");

    [Fact]
    public void Accepted_readings_are_summed_by_device_and_hour_of_their_window()
    {
        var ledger = new IngestLedger(100);
        var (a, b) = (Device("a"), Device("b"));
        ledger.Accept(a, 10 * HourMs, 2, 1);
        ledger.Accept(a, (10 * HourMs) + 60_000, 3, 2);
        ledger.Accept(a, 9 * HourMs, 1, 3); // late
        ledger.Accept(a, 10 * HourMs, 1, 4);
        ledger.Accept(b, 10 * HourMs, 1, 5);
        (string, long, long)[] expected = [("a", 9 * HourMs, 1), ("a", 10 * HourMs, 6), ("b", 10 * HourMs, 1)];
        Assert.Equal(expected, Sums(ledger.PendingAccepted));
        var commit = new StoreCommit();
        Assert.Equal(5, ledger.Contribute(commit, 5));
        Assert.Equal(expected, Sums(commit.Accepted));
        Assert.Equal(LogPosition.Through(5), commit.AcceptedThrough);
        Assert.Equal(["a", "b"], commit.Devices.Select(d => d.Id));
        Assert.Empty(ledger.PendingAccepted);
        commit = new();
        ledger.Contribute(commit, 5);
        Assert.True(commit.IsEmpty);
    }

    [Fact]
    public void Records_that_an_earlier_process_counted_are_not_counted_again_when_replayed()
    {
        var ledger = new IngestLedger(100);
        ledger.Start(acceptedThrough: 3);
        var device = Device("a");
        for (var sequence = 1; sequence <= 5; sequence++)
        {
            ledger.Accept(device, HourMs, 10, sequence);
            ledger.Reject(Record(sequence), "a", 0, new("bad-json", "x", 1));
        }

        Assert.Equal([("a", 0, 2), ("a", HourMs, 20)], Sums(ledger.PendingAccepted));
        var commit = new StoreCommit();
        Assert.Equal(5, ledger.Contribute(commit, 5));
        Assert.Equal(5, commit.DeadLetters.Count); // the store knows which of them it has
    }

    [Fact]
    public void A_replay_that_has_not_come_far_leaves_the_mark_of_the_earlier_process()
    {
        var ledger = new IngestLedger(100);
        ledger.Start(acceptedThrough: 100);
        ledger.Accept(Device("a"), HourMs, 10, 40);
        var commit = new StoreCommit();
        Assert.Equal(100, ledger.Contribute(commit, 40));
        Assert.Null(commit.AcceptedThrough);
        Assert.Empty(commit.Accepted);
    }

    [Fact]
    public void Of_many_devices_counts_are_written_together_now_and_then_and_the_mark_waits_for_them()
    {
        var ledger = new IngestLedger(100);
        var devices = Enumerable.Range(0, 2001).Select(i => Device($"d{i}")).ToArray();
        foreach (var device in devices) ledger.Accept(device, HourMs, 1, 1);
        var commits = 0;
        StoreCommit commit;
        do
        {
            commit = new();
            var through = ledger.Contribute(commit, 1);
            commits++;
            Assert.Equal(commit.Accepted.Count > 0 ? 1 : 0, through); // nothing may be trimmed that is not counted
        }
        while (commit.Accepted.Count == 0);
        Assert.InRange(commits, 2, 60);
        Assert.Equal(2001, commit.Accepted.Sum(a => a.Readings));
    }

    [Fact]
    public void A_new_device_does_not_wait()
    {
        var ledger = new IngestLedger(100);
        for (var i = 0; i < 3000; i++) ledger.Accept(Device($"d{i}"), HourMs, 1, 1);
        ledger.AddNew(Device("new"));
        var commit = new StoreCommit();
        ledger.Contribute(commit, 1);
        Assert.Equal(3001, commit.Devices.Count);
    }

    [Fact]
    public void A_rejection_counts_as_accepted_in_the_hour_of_its_arrival()
    {
        var ledger = new IngestLedger(4);
        ledger.Reject(Record(7), "a", 2, new("out-of-range", "too much", 3));
        Assert.Equal([("a", 0, 3)], Sums(ledger.PendingAccepted));
        var letter = Assert.Single(ledger.PendingDeadLetters);
        Assert.Equal((LogPosition.Of(7, 0), 2, "out-of-range", "too much", 3), (letter.Position, letter.Ordinal, letter.Reason, letter.Detail, letter.Readings));
        Assert.Equal("payl"u8.ToArray(), letter.Payload);
        Assert.Null(letter.CountedMs);
    }

    private static DeviceEntry Device(string id) => new(id, null!, s_stream, 1);

    private static IntakeRecord Record(long sequence) => new() { Sequence = sequence, ArrivalMs = 1000, Topic = "city/x"u8, Payload = Encoding.UTF8.GetBytes("payload") };

    private static List<(string, long, long)> Sums(IEnumerable<AcceptedCount> counts) => [.. counts
        .GroupBy(c => (c.DeviceId, c.HourMs)).Select(g => (g.Key.DeviceId, g.Key.HourMs, g.Sum(c => c.Readings))).Order()];
}
