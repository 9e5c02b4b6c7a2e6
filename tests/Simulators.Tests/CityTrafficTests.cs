using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>What the city publishes, without a network.</summary>
public sealed partial class CityTrafficTests
{
    private static readonly long s_start = new DateTimeOffset(2026, 3, 10, 17, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public void Same_seed_and_start_give_the_same_topics_and_payload_bytes()
    {
        var first = Record(new() { Seed = 5 }, TimeSpan.FromMinutes(3));
        Assert.True(first.Count > 15_000);
        Assert.Equal(first, Record(new() { Seed = 5 }, TimeSpan.FromMinutes(3)));
        Assert.NotEqual(first, Record(new() { Seed = 6 }, TimeSpan.FromMinutes(3)));
    }

    [Fact]
    public void An_hour_of_a_calm_city_has_the_bytes_that_it_had_when_this_was_written()
    {
        // Logarithms and cosines are those of the C library: another one may round the last bit of one differently, and so a value or a Poisson count. A change of the model changes the hash as well.
        var hour = string.Join('\n', Record(new() { Seed = 5, Rate = 5 }, TimeSpan.FromHours(1)));
        Assert.Equal("970049A8F7A0D8CBBD1377B55676EDD7322483C1", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(hour)))[..40]);
    }

    [Fact]
    public void How_the_clock_is_read_does_not_matter()
    {
        var whole = Record(new(), TimeSpan.FromSeconds(30));
        var pieces = new List<string>();
        using var traffic = new CityTraffic(new(), s_start);
        for (var ms = 0; ms <= 30_000; ms += 37)
        {
            while (traffic.TryNext(s_start + ms)) pieces.Add(Line(traffic));
        }

        while (traffic.TryNext(s_start + 30_000)) pieces.Add(Line(traffic));
        Assert.Equal(whole, pieces);
    }

    [Fact]
    public void The_demonstration_has_300_devices_and_100_messages_a_second_in_all_regions_with_hundreds_of_drive_test_samples_a_minute()
    {
        using var traffic = new CityTraffic(new(), s_start);
        Assert.Equal(300, traffic.DeviceCount);
        var lines = Record(new(), TimeSpan.FromSeconds(60));
        Assert.InRange(lines.Count, 5700, 6300);
        var topics = lines.Select(l => l[..l.IndexOf(' ', StringComparison.Ordinal)].Split('/')).ToList();
        Assert.Equal(["bac", "nam", "trung"], topics.Select(t => t[1]).Distinct().Order());
        Assert.Equal(14, topics.Select(t => t[2]).Distinct().Count()); // all that are in force in 2026
        Assert.InRange(topics.Count(t => t[3] == "mdt"), 200, 900);
        Assert.Equal(DeviceKinds.All.Select(k => k.Code).Order(), topics.Select(t => t[3]).Distinct().Order());
        Assert.True(topics.Select(t => t[4]).Distinct().Count() >= 295, "nearly every device reports within a minute");
    }

    [Fact]
    public void Every_value_of_a_day_is_in_its_range_and_every_message_is_whole()
    {
        // A slow city over 24 hours: every hour of every device.
        using var traffic = new CityTraffic(new() { Devices = 400, Rate = 3 }, s_start);
        var last = new Dictionary<string, long>();
        var seen = new HashSet<string>();
        var messages = 0;
        while (traffic.TryNext(s_start + 86_400_000))
        {
            messages++;
            var topic = Encoding.UTF8.GetString(traffic.Topic.Span);
            Assert.Matches(TopicPattern(), topic);
            var levels = topic.Split('/');
            var unit = Geography.Default.FindUnit(levels[2]);
            Assert.Equal(levels[1], unit?.Region);
            var kind = KindCatalog.Find(levels[3]);
            Assert.NotNull(kind);
            using var json = JsonDocument.Parse(traffic.Payload);
            var metrics = 0;
            foreach (var field in json.RootElement.EnumerateObject())
            {
                if (kind.FindMetric(field.Name) is not { } metric) continue;
                metrics++;
                seen.Add($"{kind.Code}.{field.Name}");
                Assert.True(field.Value.GetDouble() >= metric.Min && field.Value.GetDouble() <= metric.Max, $"{topic} {field.Name} {field.Value}");
            }

            Assert.True(metrics >= 2, topic);
            Assert.All(kind.Required, name => Assert.True(json.RootElement.TryGetProperty(name, out _), $"{topic} without {name}"));
            Assert.InRange(json.RootElement.GetProperty("lat").GetDouble(), 8, 24);
            Assert.InRange(json.RootElement.GetProperty("lon").GetDouble(), 102, 110);
            var ts = json.RootElement.GetProperty("ts").GetInt64();
            Assert.True(!last.TryGetValue(topic, out var before) || ts > before, $"{topic}: time stamps grow");
            last[topic] = ts;
        }

        Assert.InRange(messages, 250_000, 270_000);
        foreach (var kind in DeviceKinds.All)
        {
            foreach (var metric in KindCatalog.Find(kind.Code)!.Metrics) Assert.Contains($"{kind.Code}.{metric.Name}", seen);
        }
    }

    [Fact]
    public void Values_are_seldom_at_the_edge_of_their_range()
    {
        // Clamping is a guard, not the model: a model that leans on it is wrong.
        var edges = new Dictionary<string, (int At, int All)>();
        foreach (var (kind, field, value) in Values(new() { Devices = 400, Rate = 3 }, TimeSpan.FromHours(24)))
        {
            var metric = KindCatalog.Find(kind)!.FindMetric(field);
            if (metric is null || value == 0) continue;
            var (at, all) = edges.GetValueOrDefault($"{kind}.{field}");
            edges[$"{kind}.{field}"] = (at + (value == metric.Min || value == metric.Max ? 1 : 0), all + 1);
        }

        foreach (var (name, (at, all)) in edges)
        {
            // Lamps are either off or full; air is saturated in rain; the lowest rank and the best CQI are ordinary steps of short scales.
            if (name is "light.dim" or "weather.rh" or "air.rh" or "mdt.ri" or "mdt.cqi") continue;
            Assert.True(at <= all / 50, $"{name}: {at} of {all} at the edge");
        }
    }

    [Fact]
    public void The_day_has_rush_hours_dark_nights_and_warm_afternoons_in_UTC_plus_7()
    {
        var byHour = Values(new() { Devices = 400, Rate = 3 }, TimeSpan.FromHours(24), hours: true)
            .GroupBy(v => (v.Kind, v.Field, v.Hour)).ToDictionary(g => g.Key, g => g.Average(v => v.Value));
        Assert.True(byHour[("traffic", "flow", 17)] > 4 * byHour[("traffic", "flow", 3)], "evening rush");
        Assert.True(byHour[("traffic", "speed", 3)] > byHour[("traffic", "speed", 17)] + 5, "rush hours are slow");
        Assert.Equal(0, byHour[("light", "dim", 12)]);
        Assert.True(byHour[("light", "dim", 20)] > 95, "lamps are on in the evening");
        Assert.True(byHour[("weather", "temp", 14)] > byHour[("weather", "temp", 4)] + 3, "afternoons are warm");
        Assert.True(byHour[("noise", "laeq", 8)] > byHour[("noise", "laeq", 3)] + 5, "mornings are loud");
        Assert.True(byHour[("cell", "RRU.PrbTotDl", 20)] > 1.5 * byHour[("cell", "RRU.PrbTotDl", 4)], "cells are busy in the evening");
    }

    [Fact]
    public void Drive_tests_meet_good_and_bad_coverage_and_cells_of_their_own_operator()
    {
        var rsrp = new List<double>();
        foreach (var line in Record(new() { Devices = 10_000, Rate = 600 }, TimeSpan.FromMinutes(20))) // two hundred phones and more: a few decide nothing
        {
            var at = line.IndexOf(' ', StringComparison.Ordinal);
            if (line[..at].Split('/')[3] != "mdt") continue;
            using var json = JsonDocument.Parse(line[at..]);
            Assert.Matches("^452-0[124]-[0-9A-F]{9}$", json.RootElement.GetProperty("ncgi").GetString());
            var arfcn = json.RootElement.GetProperty("arfcn").GetInt32();
            Assert.Equal(MobileOperator.All.Single(o => o.Arfcn == arfcn || o.Wide?.Arfcn == arfcn).Mnc, json.RootElement.GetProperty("ncgi").GetString()!.Substring(4, 2));
            rsrp.Add(json.RootElement.GetProperty("rsrp").GetDouble());
        }

        double Share(Func<double, bool> predicate) => rsrp.Count(predicate) / (double)rsrp.Count;
        Assert.True(rsrp.Count > 10_000);
        Assert.InRange(Share(v => v >= -80), 0.05, 0.6);
        Assert.InRange(Share(v => v < -110), 0.03, 0.5);
    }

    [Fact]
    public void Skipping_leaves_out_what_was_due_and_keeps_the_rhythm()
    {
        using var traffic = new CityTraffic(new(), s_start);
        var skipped = traffic.SkipTo(s_start + 60_000);
        Assert.InRange(skipped, 5700, 6300);
        Assert.InRange(traffic.NextMs, s_start + 60_000, s_start + 60_200);
        Assert.True(traffic.TryNext(s_start + 61_000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(33)]
    [InlineData(5000)]
    public void Any_number_of_devices_works(int devices)
    {
        using var traffic = new CityTraffic(new() { Devices = devices }, s_start);
        Assert.Equal(devices, traffic.DeviceCount);
        Assert.True(traffic.TryNext(long.MaxValue));
    }

    [Fact]
    public void Options_that_make_no_sense_say_what_to_write_instead()
    {
        Assert.Contains("bac, trung, nam", Assert.Throws<ArgumentException>(() => new CityOptions { Regions = ["north"] }.Validate()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new CityOptions { Devices = 0 }.Validate());
        Assert.Throws<ArgumentException>(() => new CityOptions { Rate = double.NaN }.Validate());
    }

    private static List<string> Record(CityOptions options, TimeSpan time)
    {
        using var traffic = new CityTraffic(options, s_start);
        var lines = new List<string>();
        while (traffic.TryNext(s_start + (long)time.TotalMilliseconds)) lines.Add(Line(traffic));
        return lines;
    }

    private static string Line(CityTraffic traffic) => $"{Encoding.UTF8.GetString(traffic.Topic.Span)} {Encoding.UTF8.GetString(traffic.Payload.Span)}";

    private static IEnumerable<(string Kind, string Field, double Value)> Values(CityOptions options, TimeSpan time) =>
        Values(options, time, hours: false).Select(v => (v.Kind, v.Field, v.Value));

    private static IEnumerable<(string Kind, string Field, double Value, int Hour)> Values(CityOptions options, TimeSpan time, bool hours)
    {
        using var traffic = new CityTraffic(options, s_start);
        while (traffic.TryNext(s_start + (long)time.TotalMilliseconds))
        {
            var kind = Encoding.UTF8.GetString(traffic.Topic.Span).Split('/')[3];
            using var json = JsonDocument.Parse(traffic.Payload);
            var hour = hours ? (int)new DayTime(json.RootElement.GetProperty("ts").GetInt64()).Hour : 0;
            foreach (var field in json.RootElement.EnumerateObject())
            {
                if (field.Value.ValueKind == JsonValueKind.Number) yield return (kind, field.Name, field.Value.GetDouble(), hour);
            }
        }
    }

    [GeneratedRegex("^city/[a-z]+/[a-z]+/[a-z]+/[A-Za-z0-9._:-]{1,64}$")]
    private static partial Regex TopicPattern();
}
