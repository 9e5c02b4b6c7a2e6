using SmartCity.Contracts;

namespace SmartCity.Grains.Tests;

/// <summary>Whatever happens in between, the store ends up with what an undisturbed run leaves.</summary>
public sealed class CrashTests
{
    private const int Messages = 1200;
    private const int MaxMetrics = 6;
    private const int ReadingsPerBlock = 3; // some windows have more, and are stored before their end

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_undisturbed_run_stores_exactly_what_was_sent_and_the_ledger_balances_at_every_step(int seed)
    {
        var (scenario, outcome) = await RunAsync(seed, new Random(0), disturbed: false);
        foreach (var (key, taken) in scenario.Expected)
        {
            var stored = outcome.DeviceWindows[FormattableString.Invariant($"{key.Device} {key.Stream} {key.Metric} {key.Start}")];
            Assert.StartsWith($"n={taken.Count} ", stored, StringComparison.Ordinal);
        }

        // Each accepted reading is there once as it was measured, of those of the same instant and number the first.
        var readings = scenario.Expected.SelectMany(e => e.Value, (e, r) => (Series: $"{e.Key.Device} {e.Key.Stream.Split('/')[2]} {e.Key.Metric}", r)).GroupBy(e => e.Series, e => e.r).ToList();
        Assert.Equal(readings.Count, outcome.Readings.Count);
        foreach (var series in readings)
            Assert.Equal(string.Join(' ', series.Select(r => FormattableString.Invariant($"{r.Key.Ms}/{r.Key.Seq}={r.Value.Value:R}")).Order(StringComparer.Ordinal)), outcome.Readings[series.Key]);

        Assert.Equal(scenario.Expected.Count, outcome.DeviceWindows.Count);
        Assert.Equal(scenario.ExpectedDuplicates, outcome.DeviceWindows.Values.Sum(v => long.Parse(v.Split("duplicates=")[1].Split(' ')[0], null)));
        foreach (var byArea in scenario.Expected.SelectMany(e => Above(e.Key.Stream), (e, area) => (Area: area, e.Key, e.Value.Count))
            .GroupBy(e => FormattableString.Invariant($"{e.Area} {e.Key.Stream.Split('/')[2]} {e.Key.Metric} {e.Key.Start}")))
            Assert.StartsWith($"n={byArea.Sum(e => e.Count)} ", outcome.AreaWindows[byArea.Key], StringComparison.Ordinal);
        foreach (var ((plmn, metric), count) in scenario.ExpectedSamples)
        {
            Assert.Equal(count, outcome.Tiles.Where(t => t.Key.StartsWith(plmn, StringComparison.Ordinal) && t.Key.EndsWith(metric, StringComparison.Ordinal))
                .Sum(t => long.Parse(t.Value[2..].Split(' ')[0], null)));
        }

        Assert.True(outcome.Tiles.Count > 6 && scenario.ExpectedDuplicates > 50 && outcome.DeadLetters.Count > 50);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Crashes_and_failing_commits_change_nothing_of_the_outcome(int seed)
    {
        var (_, undisturbed) = await RunAsync(seed, new Random(0), disturbed: false);
        var (_, disturbed) = await RunAsync(seed, new Random(seed * 1000), disturbed: true);
        undisturbed.AssertSameAs(disturbed);
    }

    private static IEnumerable<string> Above(string stream)
    {
        var parts = stream.Split('/');
        return [parts[1], parts[0], AreaCodes.Nation];
    }

    private static async Task<(Scenario Scenario, Outcome Outcome)> RunAsync(int seed, Random faults, bool disturbed)
    {
        var scenario = new Scenario(seed, MaxMetrics);
        var watch = new CheckpointWatch(scenario);
        using var rig = await CityRig.StartedAsync(r => (r.Window.MaxMetricsPerDevice, r.Window.ReadingsPerBlock) = (MaxMetrics, ReadingsPerBlock));
        var timing = new Random(seed + 100); // the clock moves in both runs alike
        Prepare();
        for (var i = 0; i < Messages; i++)
        {
            rig.Clock.Advance(TimeSpan.FromMilliseconds(timing.Next(4) == 0 ? timing.Next(12_000) : timing.Next(1500)));
            var message = scenario.Next(rig.Clock.NowMs);
            scenario.Published(message, await rig.PublishAsync(message.Topic, message.Payload), rig.Clock.NowMs);
            if (!disturbed)
            {
                await rig.SettleAsync();
                if (i % 3 == 0) Assert.True(await rig.TickAsync());
                if (i % 10 == 0) Assert.Empty(await rig.ImbalancesAsync());
                continue;
            }

            if (faults.Next(4) == 0) await rig.TickAsync(); // messages may be on their way
            if (faults.Next(50) == 0)
            {
                await rig.RestartAsync();
                Prepare();
            }

            if (faults.Next(25) == 0)
            {
                await rig.SettleAsync();
                if (!rig.Closer.HasUnfinishedCommit && !rig.Pump.IsCatchingUp) Assert.Empty(await rig.ImbalancesAsync());
            }
        }

        await rig.DrainAsync();
        Assert.Empty(await rig.ImbalancesAsync());
        if (disturbed) Assert.True(watch.FailedCommits > 5 && watch.FailedLoads > 5);
        Assert.True(watch.Checkpoints > 20);
        return (scenario, await Outcome.OfAsync(rig.Store));

        void Prepare()
        {
            rig.Store.Committed = watch.OnCommitted;
            if (!disturbed) return;
            rig.Store.FailsCommit = () => faults.Next(8) == 0 && ++watch.FailedCommits > 0;
            rig.Store.FailsAreaLoad = () => watch.FailsLoad();
        }
    }

    /// <summary>Checks at every checkpoint that each reading before it is in a committed window.</summary>
    private sealed class CheckpointWatch(Scenario scenario)
    {
        private readonly Dictionary<(string, string, string, long), long> _committedThrough = [];
        private readonly Random _random = new(5);

        public int Checkpoints { get; private set; }

        public int FailedCommits { get; set; }

        public int FailedLoads { get; private set; }

        public bool FailsLoad()
        {
            lock (_random) return _random.Next(60) == 0 && ++FailedLoads > 0;
        }

        public void OnCommitted(StoreCommit commit)
        {
            foreach (var w in commit.Windows)
                _committedThrough[(w.DeviceId, $"{w.Stream.Region}/{w.Stream.Unit}/{w.Stream.Kind}", w.Metric, w.StartMs)] = w.AppliedThrough;
            if (commit.Checkpoint is not { } checkpoint) return;
            Checkpoints++;
            foreach (var reading in scenario.TakenReadings)
            {
                if (reading.Position > checkpoint) continue;
                Assert.True(_committedThrough.GetValueOrDefault(reading.Window, -1) >= reading.Position,
                    $"Checkpoint {checkpoint} has passed {reading.Position} of {reading.Window}, which no commit holds.");
            }
        }
    }
}
