using System.Text;
using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>Each fault is there at its rate, has its cause written down, and does what its name says.</summary>
public sealed class FaultTests
{
    private const long Start = 1_795_392_000_000; // a Monday of November 2026, midnight UTC
    private const long HourMs = 3_600_000;
    private static readonly CityOptions s_city = new() { Seed = 1, Devices = 60, Rate = 0.4 };

    public static TheoryData<string> AllFaults => [.. FaultRates.Names];

    [Fact]
    public void Without_faults_every_message_leaves_when_it_is_measured_and_as_it_was_measured()
    {
        using var plain = new CityTraffic(s_city, Start);
        foreach (var message in Run(new()))
        {
            Assert.True(plain.TryNext(long.MaxValue));
            Assert.Equal((plain.MeasuredMs, plain.OffBecause is null ? SendRoute.Normal : SendRoute.Lost), (message.DueMs, message.Route));
            Assert.Equal(plain.Topic.ToArray(), message.Topic);
            Assert.Equal(plain.OffBecause is { } cause ? [cause] : [], message.Faults);
            Assert.Empty(message.Rejected);
            using var before = JsonDocument.Parse(plain.Payload);
            using var after = JsonDocument.Parse(message.Payload);
            foreach (var field in before.RootElement.EnumerateObject()) Assert.Equal(field.Value.GetRawText(), after.RootElement.GetProperty(field.Name).GetRawText());
            Assert.All(message.Kept, k => Assert.Equal(k.Value, before.RootElement.GetProperty(k.Metric).GetDouble()));
            Assert.Equal(before.RootElement.EnumerateObject().Count(f => f.Name is not ("ts" or "lat" or "lon" or "ncgi")), message.Kept.Count);
        }
    }

    [Theory]
    [MemberData(nameof(AllFaults))]
    public void A_fault_happens_at_its_rate_alone_and_the_same_seed_gives_the_same_bytes_and_faults(string name)
    {
        var rates = new FaultRates();
        rates.Set(name, 0.1);
        var once = Run(rates).Select(Line).ToList();
        Assert.Equal(once, Run(rates).Select(Line));
        Assert.NotEqual(once, Run(rates, seed: 2).Select(Line));
        var touched = Run(rates).Where(m => m.Faults.Count > 0).ToList();
        Assert.All(touched, m => Assert.All(m.Faults, f => Assert.Equal(name, f.Split(':')[0])));

        // Episodes (frozen values, a clock that has jumped) hold on; a share of the other messages is not suited.
        var share = touched.Count / (double)once.Count;
        var (least, most) = name is "frozen" or "clock-jump" ? (0.1, 0.8) : name is "spike" or "reorder" ? (0.05, 0.12) : name is "clock-skew" ? (0.03, 0.2) : (0.08, 0.12);
        Assert.InRange(share, least, most);
    }

    [Fact]
    public void Another_rate_of_one_fault_does_not_move_the_others()
    {
        var (few, many) = (new FaultRates(), new FaultRates());
        few.Parse("duplicate=0.05,malformed=0.01");
        many.Parse("duplicate=0.05,malformed=0.2");
        Assert.Equal(Run(few).Where(m => m.Faults.Contains("duplicate")).Select(m => (m.Stream, m.Sequence)), Run(many).Where(m => m.Faults.Contains("duplicate")).Select(m => (m.Stream, m.Sequence)));
    }

    [Fact]
    public void A_duplicate_has_the_bytes_and_the_number_of_its_original()
    {
        var all = Run(Of("duplicate=0.1"));
        foreach (var copy in all.Where(m => m.Faults.Contains("duplicate")))
        {
            var original = all.Single(m => m.Stream == copy.Stream && m.Sequence == copy.Sequence && m != copy);
            Assert.Equal(original.Payload, copy.Payload);
            Assert.InRange(copy.DueMs - original.DueMs, 0, 120_000);
        }
    }

    [Fact]
    public void A_reordered_message_leaves_after_the_next_of_its_device_and_a_delayed_one_minutes_later()
    {
        var all = Run(Of("reorder=0.1"));
        var at = all.FindIndex(m => m.Faults.Contains("reorder"));
        Assert.Contains(all[..at], m => m.Stream == all[at].Stream && m.Sequence == all[at].Sequence + 1);
        foreach (var late in Run(Of("delay=0.1")).Where(m => m.Faults.Contains("delay"))) Assert.InRange(late.DueMs - late.EventMs, 60_000, HourMs);
    }

    [Fact]
    public void Every_sequence_number_of_every_device_is_there_whatever_is_held_back()
    {
        var all = Run(Of("all=3")).Where(m => !m.Faults.Contains("duplicate")).ToList();
        foreach (var device in all.GroupBy(m => m.Stream)) Assert.Equal(Enumerable.Range(1, device.Count()).Select(i => (long)i), device.Select(m => m.Sequence).Order());
        Assert.Equal(Run(new()).Count, all.Count);
    }

    [Fact]
    public void Lost_messages_are_recorded_and_have_no_copies()
    {
        var all = Run(Of("loss=0.2,duplicate=0.5"));
        Assert.Contains(all, m => m.Route == SendRoute.Lost);
        Assert.All(all, m => Assert.False(m.Route == SendRoute.Lost && m.Faults.Contains("duplicate")));
        Assert.All(all, m => Assert.Equal(m.Route == SendRoute.Lost, m.Faults.Contains("loss")));
    }

    [Fact]
    public void A_skewed_clock_is_always_wrong_by_the_same_and_a_jump_ahead_or_to_1970_keeps_nothing()
    {
        foreach (var device in Run(Of("clock-skew=1")).GroupBy(m => m.Stream))
        {
            var skew = device.Select(m => m.EventMs - m.DueMs).Distinct().ToList();
            Assert.Single(skew);
            Assert.InRange(Math.Abs(skew[0]), 5_000, 120_000);
        }

        var jumps = Run(Of("clock-jump=0.05")).Where(m => m.Faults.Count > 0).ToList();
        Assert.All(jumps.Where(m => m.Faults[0] == "clock-jump:ahead"), m => Assert.True(m.EventMs > m.DueMs + (300L * 24 * HourMs) && m.Kept.Count == 0 && m.Rejected["future-timestamp"] > 0));
        Assert.All(jumps.Where(m => m.Faults[0] == "clock-jump:1970"), m => Assert.True(m.EventMs < 400L * 24 * HourMs && m.Rejected["bad-timestamp"] > 0));
        Assert.All(jumps.Where(m => m.Faults[0] == "clock-jump:back"), m => Assert.True(m.EventMs < m.DueMs - (HourMs / 2) && m.Kept.Count > 0));
        Assert.Equal(3, jumps.Select(m => m.Faults[0]).Distinct().Count());
    }

    [Fact]
    public void Frozen_values_repeat_and_a_spike_is_at_or_beyond_the_edge_of_the_range()
    {
        var frozen = Run(Of("frozen=1")).GroupBy(m => m.Stream).First(g => g.Count() > 3).Take(3).ToList();
        Assert.Equal(frozen[0].Kept, frozen[1].Kept);
        Assert.Equal(frozen[0].Kept, frozen[2].Kept);
        foreach (var spike in Run(Of("spike=1")))
        {
            using var json = JsonDocument.Parse(spike.Payload);
            var kind = KindCatalog.Find(spike.Stream.Split('/')[3])!;
            var beyond = kind.Metrics.Count(m => json.RootElement.TryGetProperty(m.Name, out var v) && v.GetDouble() > m.Max);
            Assert.Equal(spike.Rejected.GetValueOrDefault("out-of-range"), beyond);
            if (spike.Faults.Contains("spike:edge")) Assert.Contains(spike.Kept, k => kind.FindMetric(k.Metric)!.Max == k.Value);
        }
    }

    [Fact]
    public void All_ways_to_break_payloads_and_topics_occur_and_say_what_must_be_rejected()
    {
        var broken = Run(Of("malformed=0.4,oversized=0.2,wrong-topic=0.3")).Where(m => m.Faults.Count > 0).ToList();
        Assert.Equal(16, broken.Select(m => m.Faults[0]).Distinct().Count(f => f.StartsWith("malformed:", StringComparison.Ordinal)));
        Assert.Equal(2, broken.Select(m => m.Faults[0]).Distinct().Count(f => f.StartsWith("oversized:", StringComparison.Ordinal)));
        Assert.Equal(5, broken.Select(m => m.Faults[0]).Distinct().Count(f => f.StartsWith("wrong-topic:", StringComparison.Ordinal)));
        Assert.All(broken.Where(m => m.Route != SendRoute.Oversized), m => Assert.True(m.Rejected.Values.Sum() > 0, m.Faults[0]));
        Assert.All(broken.Where(m => m.Faults[0].StartsWith("wrong-topic", StringComparison.Ordinal)), m => Assert.NotEqual(m.Stream, Encoding.UTF8.GetString(m.Topic)));
        Assert.All(broken.Where(m => m.Route == SendRoute.Oversized), m => Assert.True(m.Payload.Length > 256 * 1024));
    }

    [Theory]
    [InlineData("duplicates=0.1", "did you mean 'duplicate'")]
    [InlineData("reconect-storm", "did you mean 'reconnect-storm'")]
    [InlineData("loss=2", "from 0 to 1")]
    [InlineData("loss=x", "write loss=0.01")]
    [InlineData("all=99", "0 to 10")]
    public void A_wrong_rate_says_what_to_write_instead(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new FaultRates().Parse(text)).Message, StringComparison.Ordinal);

    private static FaultRates Of(string text)
    {
        var rates = new FaultRates();
        rates.Parse(text);
        return rates;
    }

    private static List<FaultyMessage> Run(FaultRates rates, int seed = 1)
    {
        using var traffic = new FaultyTraffic(s_city with { Seed = seed }, rates, Start);
        var messages = new List<FaultyMessage>();
        while (traffic.TryNext(Start + (2 * HourMs)) is { } message) messages.Add(message);
        while (traffic.Flush() is { } held) messages.Add(held);
        return messages;
    }

    private static string Line(FaultyMessage m) =>
        $"{m.Number} {m.DueMs} {m.Route} {m.CutsConnections} {Encoding.UTF8.GetString(m.Topic)} {Convert.ToHexString(m.Payload)} {string.Join(',', m.Faults)} {string.Join(',', m.Rejected)} {string.Join(',', m.Kept)}";
}
