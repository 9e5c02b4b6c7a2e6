using System.Globalization;

namespace SmartCity.Grains.Tests;

/// <summary>A seeded stream of messages, good, bad, late, repeated and hostile, with what each must come to.</summary>
internal sealed class Scenario(int seed, int maxMetrics)
{
    private static readonly (string Id, string[] Streams)[] s_devices =
    [
        ("a1", ["nam/sg/air"]), ("a2", ["nam/sg/air"]), ("a3", ["nam/bd/air"]), ("a4", ["bac/hn/air"]), ("a5", ["trung/dn/air"]),
        ("moves", ["nam/sg/air", "bac/hn/air"]), ("w1", ["trung/hue/weather"]), ("two-kinds", ["nam/sg/air", "nam/sg/noise"]),
        ("d1", ["nam/sg/mdt"]), ("d2", ["nam/sg/mdt"]), ("d3", ["nam/bd/mdt"]), ("greedy", ["bac/hp/odd"]),
    ];

    private readonly Random _random = new(seed);
    private readonly List<Message> _sent = [];
    private readonly Dictionary<string, HashSet<(string Kind, string Metric)>> _metrics = [];

    /// <summary>Readings that must be in windows, by device, stream, metric and window; a reading of the same instant and number counts once.</summary>
    public Dictionary<(string Device, string Stream, string Metric, long Start), Dictionary<(long Ms, int Seq), Reading>> Expected { get; } = [];

    /// <summary>Drive-test values that must be in the coverage, by operator and metric.</summary>
    public Dictionary<(string Plmn, string Metric), int> ExpectedSamples { get; } = [];

    public long ExpectedDuplicates { get; private set; }

    /// <summary>Accepted readings by the position of their message.</summary>
    public List<Taken> TakenReadings { get; } = [];

    public Message Next(long nowMs)
    {
        if (_sent.Count > 0 && _random.Next(6) == 0) return _sent[_random.Next(Math.Max(0, _sent.Count - 60), _sent.Count)]; // resent as it was
        var (id, streams) = s_devices[_random.Next(s_devices.Length)];
        var stream = streams[_random.Next(streams.Length)];
        var message = _random.Next(12) switch
        {
            0 => Bad(id, stream, nowMs),
            1 => new($"city/{stream}/{id}", $"[{string.Join(',', Enumerable.Range(0, 3).Select(_ => Object(id, stream, nowMs)).Select(o => o.Json))}]", [], stream, id),
            _ => new($"city/{stream}/{id}", Object(id, stream, nowMs).Json, [], stream, id),
        };
        if (message.Objects.Count == 0 && _objects.Count > 0) message.Objects.AddRange(_objects);
        _objects.Clear();
        _sent.Add(message);
        return message;
    }

    private readonly List<Item> _objects = [];

    /// <summary>Says that a message was published as record <paramref name="sequence"/> at <paramref name="arrivalMs"/>.</summary>
    public void Published(Message message, long sequence, long arrivalMs)
    {
        for (var ordinal = 0; ordinal < message.Objects.Count; ordinal++)
        {
            var item = message.Objects[ordinal];
            var position = (sequence << 12) | (uint)ordinal;
            var ms = item.Ms ?? arrivalMs;
            var number = item.Ms is null && item.Seq is null ? (int)position : (int)(item.Seq ?? -1);
            foreach (var (metric, value) in item.Values)
            {
                var kind = message.Stream.Split('/')[2];
                if (!_metrics.TryGetValue(message.Device, out var known)) _metrics[message.Device] = known = [];
                if (!known.Contains((kind, metric)) && known.Count >= maxMetrics) continue;
                known.Add((kind, metric));
                var key = (message.Device, message.Stream, metric, ms - (ms % 60_000));
                TakenReadings.Add(new(position, key));
                if (!Expected.TryGetValue(key, out var readings)) Expected[key] = readings = [];
                if (!readings.TryAdd((ms, number), new(value)))
                {
                    ExpectedDuplicates++;
                    continue;
                }

                if (kind == "mdt" && metric is "rsrp" or "rsrq" or "sinr")
                    ExpectedSamples[(item.Plmn!, metric)] = ExpectedSamples.GetValueOrDefault((item.Plmn!, metric)) + 1;
            }
        }
    }

    private Item Object(string id, string stream, long nowMs)
    {
        long? ms = _random.Next(20) switch
        {
            0 => null,
            1 => nowMs - _random.NextInt64(3 * 3_600_000), // late, perhaps in another hour and day
            2 => nowMs - _random.NextInt64(300_000),
            3 => nowMs + _random.NextInt64(100_000),
            _ => nowMs - _random.NextInt64(10_000),
        };
        long? seq = _random.Next(3) == 0 ? _random.NextInt64(1L << 40) : null;
        var fields = new List<string>();
        if (ms is { } time) fields.Add(Text($"\"ts\":{time}"));
        if (seq is { } number) fields.Add(Text($"\"seq\":{number}"));
        var values = new List<(string, double)>();
        string? plmn = null;
        if (stream.EndsWith("/mdt", StringComparison.Ordinal))
        {
            plmn = _random.Next(2) == 0 ? "452-04" : "452-01";
            fields.Add(Text($"\"lat\":{10.77 + (_random.Next(3) * 0.001)},\"lon\":106.70,\"ncgi\":\"{plmn}-0A1B2C3D4\""));
            values.Add(("rsrp", Math.Round(-140 + (_random.NextDouble() * 100), 2)));
            if (_random.Next(2) == 0) values.Add(("sinr", Math.Round(-20 + (_random.NextDouble() * 50), 2)));
            if (_random.Next(3) == 0) values.Add(("rsrq", -10.5));
            if (_random.Next(3) == 0) values.Add(("dl", _random.Next(100_000)));
        }
        else if (id == "greedy")
        {
            for (var i = 0; i < 3; i++) values.Add(($"m{_random.Next(maxMetrics * 2)}", _random.Next(100)));
            values = [.. values.DistinctBy(v => v.Item1)];
        }
        else
        {
            var metrics = stream.EndsWith("/noise", StringComparison.Ordinal) ? new[] { "laeq" } : ["temp", "rh"];
            foreach (var metric in metrics) values.Add((metric, Math.Round(30 + (_random.NextDouble() * 10), 3)));
        }

        foreach (var (metric, value) in values) fields.Add(Text($"\"{metric}\":{value}"));
        var item = new Item("{" + string.Join(',', fields) + "}", ms, seq, values, plmn);
        _objects.Add(item);
        return item;
    }

    private Message Bad(string id, string stream, long nowMs) => _random.Next(8) switch
    {
        0 => new($"city/{stream}/{id}", "{\"temp\":", [], stream, id),
        1 => new($"city/{stream}/{id}", Text($"{{\"ts\":{nowMs + 86_400_000},\"temp\":31}}"), [], stream, id),
        2 => new($"city/{stream}/{id}", Text($"{{\"ts\":{nowMs / 1000},\"temp\":31}}"), [], stream, id),
        3 => new($"city/{stream}/", "{}", [], stream, id),
        4 => new($"city/nam/xx/air/{id}", "{\"temp\":31}", [], stream, id),
        5 => new($"city/{stream}/{id}", "{\"\\ud800\":1}", [], stream, id),
        6 => new($"city/{stream}/never-good-{_random.Next(3)}", "{\"note\":\"no metric\"}", [], stream, id),
        _ => new($"city/{stream}/{id}", "{\"ts\":\"yesterday\",\"temp\":31,\"rh\":1e999}", [], stream, id),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    internal sealed record Message(string Topic, string Payload, List<Item> Objects, string Stream, string Device);

    internal sealed record Item(string Json, long? Ms, long? Seq, List<(string Metric, double Value)> Values, string? Plmn);

    internal sealed record Reading(double Value);

    internal sealed record Taken(long Position, (string Device, string Stream, string Metric, long Start) Window);
}
