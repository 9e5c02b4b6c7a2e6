using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>How phones are handed over, lose their link and find it again.</summary>
public sealed class PhoneTests
{
    private const long Start = 1_795_392_000_000 - (7 * 3_600_000); // midnight of a Monday in Vietnam
    private const double StepMs = 200;

    [Fact]
    public void The_serving_cell_changes_by_handover_or_failure_only_and_is_not_always_the_strongest()
    {
        var drive = Drive(null, idle: false);
        var changes = 0;
        for (var i = 1; i < drive.Count; i++)
        {
            var (was, now) = (drive[i - 1], drive[i]);
            if (now.HandedOver) Assert.NotEqual(was.Cell, now.Cell);
            if (was.Cell == now.Cell) continue;
            changes++;
            Assert.True(now.HandedOver || now.Failed || was.Rsrp < -120, $"step {i}");
        }

        Assert.True(changes > 50, $"{changes} changes");
        Assert.InRange(drive.Count(s => s.Strongest > 0) / (double)drive.Count, 0.01, 0.5);
    }

    [Fact]
    public void A_handover_waits_for_the_time_to_trigger_and_no_longer()
    {
        var drive = Drive(null, idle: false);
        var waited = 0;
        for (var i = 0; i < drive.Count; i++)
        {
            // More than 3 dB better on the same carrier: condition A3.
            waited = i > 0 && drive[i].Cell == drive[i - 1].Cell && drive[i].Strongest > 3 ? waited + 1 : 0;
            Assert.True(waited <= 4, $"step {i}: {waited * StepMs} ms with a cell that is 3 dB better");
            if (drive[i].HandedOver && i > 3 && drive[i - 1].Cell.Carrier == drive[i].Cell.Carrier && drive[i].Before > 3)
                Assert.True(drive[i - 1].Strongest > 3 && drive[i - 2].Strongest > 3, $"step {i} came before 640 ms");
        }
    }

    [Fact]
    public void In_a_hole_the_link_fails_once_and_behind_it_the_phone_is_served_again()
    {
        var drive = Drive("coverage-hole", idle: false);
        Assert.Contains(drive, s => s.Failed);
        var lost = drive.FindIndex(s => s.Failed && s.Rsrp < -125);
        Assert.True(lost > 0, "the link fails in the hole");
        var back = drive.FindIndex(lost, s => s.Rsrp > -110);
        Assert.True(back > lost, "and comes back");
        Assert.True(drive.Skip(lost + 1).Take(back - lost - 1).Count(s => s.Failed) < (back - lost) / 10, "a link that is gone cannot fail again and again");
    }

    [Fact]
    public void A_phone_without_connection_reselects_without_handover_or_failure()
    {
        var drive = Drive("coverage-hole", idle: true);
        Assert.DoesNotContain(drive, s => s.HandedOver || s.Failed);
        Assert.True(drive.Select(s => s.Cell).Distinct().Count() > 5);
    }

    [Fact]
    public void No_phone_is_served_by_a_cell_that_sleeps_though_it_hears_it()
    {
        var (network, unit) = Network("sleeping-cell");
        var noon = Start + (12 * 3_600_000);
        var asleep = network.Cells.Single(c => c.Unit == unit && network.IsAsleep(c, noon));
        var phone = new PhoneSession(network, asleep.Operator, unit);
        var heard = 0;
        for (var i = 0; i < 200; i++)
        {
            var turn = asleep.Azimuth * Math.PI / 180;
            var (latitude, longitude) = Geodesy.Move(asleep.Latitude, asleep.Longitude, (50 + i) * Math.Sin(turn), (50 + i) * Math.Cos(turn));
            var report = phone.At(latitude, longitude, new(noon + (i * 1000)));
            Assert.NotEqual(asleep, report.Sample.Cell);
            if (report.Neighbours.Count > 0 && report.Neighbours[0].Cell == asleep) heard++;
        }

        Assert.True(heard > 100, $"the strongest neighbour {heard} times");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_phone_that_a_cell_serves_when_it_falls_asleep_loses_its_link_at_once_and_stays_away_until_the_cell_wakes(bool idle)
    {
        var (network, unit) = Network("sleeping-cell");
        var asleep = network.Cells.Single(c => c.Unit == unit && network.IsAsleep(c, Start + (12 * 3_600_000)));
        var problem = network.Problems().Single(p => p.Unit == unit.Code);
        var phone = new PhoneSession(network, asleep.Operator, unit, idle);
        var turn = asleep.Azimuth * Math.PI / 180;
        int failed = 0, before = 0, after = 0;
        for (var ms = problem.FromMs - 3_600_000; ms < problem.ToMs + 600_000; ms += 2000)
        {
            var metres = 80 + (40 * Math.Sin(ms / 300_000.0)); // nearer than any other site
            var (latitude, longitude) = Geodesy.Move(asleep.Latitude, asleep.Longitude, metres * Math.Sin(turn), metres * Math.Cos(turn));
            var report = phone.At(latitude, longitude, new(ms));
            var served = report.Sample.Cell == asleep;
            if (network.IsAsleep(asleep, ms))
            {
                Assert.False(served, $"served {(ms - problem.FromMs) / 1000} s after the cell fell asleep");
                if (ms - problem.FromMs < 2000) failed += report.Failed ? 1 : 0;
            }
            else if (ms < problem.FromMs) before += served ? 1 : 0;
            else after += served ? 1 : 0;
        }

        Assert.True(before > 1700, $"served {before} times before");
        Assert.True(after > 250, $"served {after} times after");
        Assert.Equal(idle ? 0 : 1, failed);
    }

    [Fact]
    public void Where_nothing_can_be_camped_on_a_phone_shows_another_cell_than_the_one_that_sleeps()
    {
        var (network, unit) = Network("sleeping-cell");
        var noon = Start + (12 * 3_600_000);
        var asleep = network.Cells.Single(c => c.Unit == unit && network.IsAsleep(c, noon));
        foreach (var begin in new[] { Start, noon })
        {
            // 100 km out at sea no cell is heard.
            var phone = new PhoneSession(network, asleep.Operator, unit);
            var (latitude, longitude) = Geodesy.Move(asleep.Latitude, asleep.Longitude, 150 * Math.Sin(asleep.Azimuth * Math.PI / 180), 150 * Math.Cos(asleep.Azimuth * Math.PI / 180));
            if (begin == Start) Assert.Equal(asleep, phone.At(latitude, longitude, new(begin)).Sample.Cell);
            for (var i = 1; i < 5; i++) Assert.NotEqual(asleep, phone.At(unit.Latitude - 0.9, unit.Longitude, new(noon + (i * 1000))).Sample.Cell);
        }
    }

    [Fact]
    public void Where_the_city_carrier_ends_the_wide_one_takes_over()
    {
        var (network, unit) = Network(null);
        var owner = MobileOperator.All[0];
        var phone = new PhoneSession(network, owner, unit);
        var bands = new List<string>();
        for (var i = 0; i < 4000; i++)
        {
            // From the centre to the nearest mast and back.
            var mast = network.Sites.First(s => s.Unit == unit && s.Operator == owner && s.Type == SiteType.Rural);
            var part = i < 2000 ? i / 2000.0 : (4000 - i) / 2000.0;
            var report = phone.At(unit.Latitude + (part * (mast.Latitude - unit.Latitude)), unit.Longitude + (part * (mast.Longitude - unit.Longitude)), new(Start + (i * 500)));
            bands.Add(report.Sample.Cell.Carrier.Band);
        }

        Assert.Equal("n41", bands[0]);
        Assert.Contains("n28", bands);
        Assert.Equal("n41", bands[^1]);
    }

    /// <summary>An hour through the north-east of the centre at 36 km/h.</summary>
    private static List<Step> Drive(string? scenario, bool idle)
    {
        var (network, unit) = Network(scenario);
        var owner = MobileOperator.All[1];
        var phone = new PhoneSession(network, owner, unit, idle);
        var received = new List<CellPower>();
        var steps = new List<Step>();
        RadioCell? last = null;
        for (var i = 0; i < 6000; i++)
        {
            var at = i * 2.0;
            var (latitude, longitude) = Geodesy.Move(unit.Latitude, unit.Longitude, 500 + (1800 * Math.Sin(at / 1500)), 500 + (1500 * Math.Sin(at / 1100)));
            var time = new DayTime(Start + (12 * 3_600_000) + (long)(i * StepMs));
            var report = phone.At(latitude, longitude, time);
            network.Scan(owner, unit, latitude, longitude, time, received);
            double Power(RadioCell? cell) => received.Where(r => r.Cell == cell).Select(r => r.Rsrp).FirstOrDefault(-140);
            double Ahead(RadioCell? of) => received.Where(r => r.Cell != of && r.Cell.Carrier == of?.Carrier && r.Rsrp >= -120).Select(r => r.Rsrp - Power(of)).DefaultIfEmpty(-99).Max();
            steps.Add(new(report.Sample.Cell, report.Sample.Rsrp, Ahead(report.Sample.Cell), Ahead(last), report.HandedOver, report.Failed));
            last = report.Sample.Cell;
            Assert.True(report.Neighbours.Zip(report.Neighbours.Skip(1)).All(n => n.First.Rsrp >= n.Second.Rsrp));
            Assert.DoesNotContain(report.Neighbours, n => n.Cell == report.Sample.Cell);
        }

        return steps;
    }

    private static (RadioNetwork Network, UnitInfo Unit) Network(string? scenario)
    {
        var world = new CityWorld(new() { Network = new() { Sites = 30 }, Regions = ["nam"], Scenarios = scenario is null ? [] : [ScenarioReader.Load(scenario)] }, Start);
        return (world.Radio, world.Radio.Cities[0]);
    }

    /// <param name="Strongest">By how many dB the strongest other cell of the carrier is ahead of the serving one; <paramref name="Before"/> of the one before.</param>
    private sealed record Step(RadioCell Cell, double Rsrp, double Strongest, double Before, bool HandedOver, bool Failed);
}
