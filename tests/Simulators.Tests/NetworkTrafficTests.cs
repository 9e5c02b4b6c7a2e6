using System.Text;
using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>What a network publishes: counters of periods of the wall clock, and phones.</summary>
public sealed class NetworkTrafficTests
{
    private const long Start = 1_795_392_000_000 - (7 * 3_600_000) + 123_456; // two minutes after midnight of a Monday in Vietnam
    private static readonly CityOptions s_network = new() { Network = new() { Sites = 30, Phones = 9 }, Granularity = 900, Regions = ["bac"], Seed = 4 };
    private static readonly Lazy<List<Row>> s_calm = new(() => Run(s_network, hours: 24, phones: false));

    [Fact]
    public void A_network_has_cells_and_phones_only_and_the_same_seed_gives_the_same_bytes()
    {
        var first = Lines(s_network);
        Assert.Equal(first, Lines(s_network));
        Assert.NotEqual(first, Lines(s_network with { Seed = 5 }));
        Assert.Equal(["cell", "mdt"], first.Select(l => l.Split('/')[3]).Distinct().Order());

        static List<string> Lines(CityOptions options)
        {
            using var traffic = new CityTraffic(options, Start);
            var lines = new List<string>();
            while (traffic.TryNext(Start + 1_000_000)) lines.Add($"{Encoding.UTF8.GetString(traffic.Topic.Span)} {Encoding.UTF8.GetString(traffic.Payload.Span)}");
            return lines;
        }
    }

    [Theory]
    [InlineData(60)]
    [InlineData(300)]
    [InlineData(3600)]
    public void Counters_come_once_at_the_end_of_every_period_of_the_wall_clock(int period)
    {
        var rows = Run(s_network with { Granularity = period, Network = new() { Sites = 3, Phones = 0 } }, hours: 3, phones: false);
        Assert.All(rows, r => Assert.Equal(0, r.Ts % (period * 1000L)));
        Assert.All(rows.GroupBy(r => r.Device), cell => Assert.Equal(cell.Count(), cell.Select(r => r.Ts).Distinct().Count()));
        Assert.Equal(9 * (3 * 3600 / period), rows.Count);
        Assert.All(rows, r => Assert.Equal(r["PEE.AvgPower"] * period / 3_600_000, r["PEE.Energy"], 1e-6));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1219)]
    [InlineData(30_000)]
    public void Without_a_period_counters_cover_the_time_since_the_last_message_however_long_that_is(double seconds)
    {
        // The interval is stretched as much as the rate is lower.
        var city = new CityOptions { Devices = 40, Rate = 1, Regions = ["bac"], Seed = 4 };
        var usual = Run(city, 1, phones: false).Where(r => r.Values.ContainsKey("PEE.Energy")).GroupBy(r => r.Device).First().Take(2).ToList();
        var rate = (usual[1].Ts - usual[0].Ts) / 1000.0 / seconds;
        var cells = Run(city with { Rate = rate }, 4 * seconds / 3600, phones: false).Where(r => r.Values.ContainsKey("PEE.Energy")).GroupBy(r => r.Device).ToList();
        Assert.NotEmpty(cells);
        foreach (var (was, now) in cells.SelectMany(c => c.Zip(c.Skip(1))))
        {
            Assert.InRange((now.Ts - was.Ts) / 1000.0, 0.99 * seconds, 1.01 * seconds);
            Assert.Equal(now["PEE.AvgPower"] * (now.Ts - was.Ts) / 3_600_000_000, now["PEE.Energy"], 1e-6);
            Assert.InRange(now["QF.SessionTimeUE"] / (0.55 * now["RRC.ConnMean"]), 0.97 * seconds, 1.03 * seconds);
        }
    }

    [Fact]
    public void The_report_of_a_period_that_ends_at_a_time_is_not_before_it()
    {
        const long Midnight = Start - 123_456, Day = 86_400_000;
        using CityTraffic before = new(s_network, Midnight), with = new(s_network, Midnight);
        Assert.Equal((95 * 90, 96 * 90), (Cells(before, Midnight + Day - 1), Cells(with, Midnight + Day)));

        static int Cells(CityTraffic traffic, long untilMs)
        {
            var count = 0;
            while (traffic.TryNext(untilMs)) count += traffic.Topic.Span.IndexOf("/cell/"u8) > 0 ? 1 : 0;
            return count;
        }
    }

    [Fact]
    public void Counters_of_a_day_hold_to_each_other()
    {
        Assert.Equal(90 * 96, s_calm.Value.Count);
        foreach (var r in s_calm.Value)
        {
            Assert.Equal(Math.Floor(100 * r["RRU.PrbUsedDl"] / r["RRU.PrbAvailDl"]), r["RRU.PrbTotDl"]);
            Assert.Equal(Math.Floor(100 * r["RRU.PrbUsedUl"] / r["RRU.PrbAvailUl"]), r["RRU.PrbTotUl"]);
            foreach (var (succ, att) in new[]
            {
                ("RRC.ConnEstabSucc", "RRC.ConnEstabAtt"), ("UECNTX.ConnEstabAtt", "RRC.ConnEstabSucc"), ("UECNTX.ConnEstabSucc", "UECNTX.ConnEstabAtt"), ("DRB.EstabSucc", "DRB.EstabAtt"),
                ("MM.HoPrepInterSucc", "MM.HoPrepInterReq"), ("MM.HoExeInterReq", "MM.HoPrepInterSucc"), ("HO.IntraSys.TooEarly", "MM.HoExeInterFail"), ("RRC.ConnMean", "RRC.ConnMax"),
                ("QF.RelActNbr", "DRB.EstabAtt"), ("MM.HoExeInterFail", "RRC.ReEstabAtt"), ("HO.IntraSys.TooLate", "RRC.ReEstabAtt"),
            }) Assert.True(r[succ] <= r[att], $"{r.Device} {succ} {r[succ]} > {att} {r[att]}");
            Assert.Equal(r["MM.HoExeInterReq"], r["MM.HoExeInterSucc"] + r["MM.HoExeInterFail"]);
            Assert.True(r["QF.SessionTimeUE"] <= r["RRC.ConnMax"] * 900);
            Assert.Equal(r["PEE.AvgPower"] * 0.25 / 1000, r["PEE.Energy"], 1e-6);
            Assert.Contains(r["RRU.PrbAvailDl"], new double[] { 52, 273 });
            foreach (var (name, value) in r.Values)
            {
                var info = KindCatalog.Find("cell")!.FindMetric(name);
                Assert.True(info is not null && value >= info.Min && value <= info.Max, $"{name} {value}");
            }
        }

        Assert.True(Mean(s_calm.Value, "RRU.PrbTotDl", 20, 22) > 1.5 * Mean(s_calm.Value, "RRU.PrbTotDl", 3, 5), "cells are busy in the evening");
        Assert.InRange(s_calm.Value.Sum(r => r["RRC.ConnEstabSucc"]) / s_calm.Value.Sum(r => r["RRC.ConnEstabAtt"]), 0.98, 0.9999);
    }

    [Fact]
    public void A_sleeping_cell_counts_nothing_while_its_neighbours_carry_more()
    {
        var rows = Run(Scenario("sleeping-cell"), hours: 24, phones: false);
        var asleep = rows.Where(r => r.Hour is > 9 and < 17.9 && r["RRC.ConnEstabAtt"] == 0).Select(r => r.Device).Distinct().Single();
        foreach (var r in rows.Where(r => r.Device == asleep && r.Hour is > 9 and < 17.9))
        {
            Assert.Equal((0, 0, 0), (r["RRU.PrbTotDl"], r["RRC.ConnMean"], r["DRB.PdcpSduVolumeDL"]));
            Assert.False(r.Values.ContainsKey("DRB.UEThpDl"), "nobody's throughput is unknown, not 0");
            Assert.True(r["PEE.AvgPower"] > 100, "it is on");
        }

        Assert.True(Gain(rows, asleep) > 3, $"neighbours have {Gain(rows, asleep):0.0} % of blocks more");
    }

    [Fact]
    public void Neighbours_take_over_what_a_cell_that_is_out_carried()
    {
        var rows = Run(Scenario("cell-outage"), hours: 24, phones: false);
        var gone = s_calm.Value.Where(r => r.Hour is > 9.3 and < 11.8).Select(r => r.Device).Distinct().Except(rows.Where(r => r.Hour is > 9.3 and < 11.8).Select(r => r.Device)).ToList();
        Assert.Equal(2, gone.Count);
        Assert.All(gone, g => Assert.True(Gain(rows, g, 9.3, 11.8) > 4, $"{Gain(rows, g, 9.3, 11.8):0.0}"));
    }

    [Fact]
    public void Handovers_fail_more_often_in_cells_that_cannot_tell_two_neighbours_apart()
    {
        var options = s_network with { Network = new() { Sites = 60, Phones = 0 }, Regions = ["nam"] };
        var (calm, confused) = (Run(options, 6, false), Run(options with { Scenarios = [ScenarioReader.Load("pci-confusion")] }, 6, false));
        double Rate(List<Row> rows, string cell) => rows.Where(r => r.Device == cell).Sum(r => r["MM.HoExeInterFail"]) / rows.Where(r => r.Device == cell).Sum(r => r["MM.HoExeInterReq"]);
        var world = new CityWorld(options with { Scenarios = [ScenarioReader.Load("pci-confusion")] }, Start);
        var cells = world.Radio.Cells.Where(c => world.Radio.IsConfused(c, Start + 3_600_000)).Select(c => c.Ncgi).ToList();
        Assert.NotEmpty(cells);
        Assert.True(cells.Average(c => Rate(confused, c)) > 4 * cells.Average(c => Rate(calm, c)));
    }

    [Fact]
    public void Phones_of_people_log_at_an_interval_of_the_standard_and_vehicles_report_their_connection()
    {
        double[] allowed = [320, 640, 1280, 2560, 5120, 10240, 20480, 30720, 40960, 61440];
        var rows = Run(s_network with { Network = new() { Sites = 30, Phones = 30 } }, hours: 0.5, phones: true);
        var byPhone = rows.GroupBy(r => r.Device).ToList();
        Assert.Equal(30, byPhone.Count);
        var (walking, driving) = (byPhone.Where(g => g.Key.StartsWith("mdt-", StringComparison.Ordinal)).ToList(), byPhone.Where(g => g.Key.StartsWith("ue-", StringComparison.Ordinal)).ToList());
        Assert.InRange(walking.Count, 8, 12);
        foreach (var phone in walking)
        {
            Assert.Contains(phone.Zip(phone.Skip(1), (a, b) => (double)(b.Ts - a.Ts)).Distinct().Single(), allowed);
            Assert.DoesNotContain(phone, r => r.Values.ContainsKey("dl") || r.Values.ContainsKey("cqi") || r.Values.ContainsKey("ho"));
            Assert.InRange(phone.Average(r => r["speed"]), 1, 8);
        }

        Assert.All(driving.SelectMany(g => g), r => Assert.Equal(6, new[] { "cqi", "ri", "dl", "ul", "ho", "rlf" }.Count(r.Values.ContainsKey)));
        Assert.Contains(driving.SelectMany(g => g), r => r["ho"] == 1);
        Assert.True(rows.Count(r => r.Values.ContainsKey("n3rsrp")) > rows.Count / 2, "most phones hear three others");
        foreach (var r in rows)
        {
            foreach (var (name, value) in r.Values)
            {
                var info = KindCatalog.Find("mdt")!.FindMetric(name);
                Assert.True(info is not null && value >= info.Min && value <= info.Max, $"{name} {value}");
            }

            Assert.Equal(r.Values.ContainsKey("n1pci"), r.Values.ContainsKey("n1rsrp") && r.Values.ContainsKey("n1arfcn"));
        }

        foreach (var phone in driving)
        {
            // A message after a handover comes from another cell than the one before.
            foreach (var (was, now) in phone.Zip(phone.Skip(1))) if (now["ho"] == 1) Assert.NotEqual(was.Ncgi, now.Ncgi);
        }
    }

    private static CityOptions Scenario(string name) => s_network with { Scenarios = [ScenarioReader.Load(name)] };

    /// <summary>By how many percent of their blocks the four cells that gain most do more than on a calm day.</summary>
    private static double Gain(List<Row> rows, string lost, double from = 9, double to = 17.9)
    {
        var network = new CityWorld(s_network).Radio;
        var near = network.Neighbours.Of(network.Cells.Single(c => c.Ncgi == lost)).Select(c => c.Ncgi).ToHashSet();
        double Of(List<Row> all, string device) => all.Where(r => r.Device == device && r.Hour >= from && r.Hour < to).Select(r => r["RRU.PrbTotDl"]).DefaultIfEmpty(0).Average();
        return near.Select(n => Of(rows, n) - Of(s_calm.Value, n)).OrderDescending().Take(4).Average();
    }

    private static double Mean(List<Row> rows, string metric, double from, double to) => rows.Where(r => r.Hour >= from && r.Hour < to).Average(r => r[metric]);

    private static List<Row> Run(CityOptions options, double hours, bool phones)
    {
        if (!phones && options.Network is not null) options = options with { Network = options.Network! with { Phones = 0 } };
        using var traffic = new CityTraffic(options, Start);
        var rows = new List<Row>();
        while (traffic.TryNext(Start + (long)(hours * 3_600_000)))
        {
            var topic = Encoding.UTF8.GetString(traffic.Topic.Span).Split('/');
            if (traffic.OffBecause is not null || (phones && topic[3] != "mdt")) continue;
            using var json = JsonDocument.Parse(traffic.Payload);
            var values = json.RootElement.EnumerateObject().Where(f => f.Value.ValueKind == JsonValueKind.Number && f.Name is not ("ts" or "lat" or "lon")).ToDictionary(f => f.Name, f => f.Value.GetDouble());
            rows.Add(new(topic[4], json.RootElement.GetProperty("ts").GetInt64(), values, json.RootElement.TryGetProperty("ncgi", out var ncgi) ? ncgi.GetString() : null));
        }

        return rows;
    }

    private sealed record Row(string Device, long Ts, Dictionary<string, double> Values, string? Ncgi)
    {
        /// <summary>Hour of the local day in the middle of the period.</summary>
        public double Hour => new DayTime(Ts - 450_000).Hour;

        public double this[string metric] => Values[metric];
    }
}
