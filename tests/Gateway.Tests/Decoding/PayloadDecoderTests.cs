using System.Globalization;
using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Gateway.Tests;

public sealed class PayloadDecoderTests
{
    private const long Arrival = DecoderRig.ArrivalMs;
    private readonly DecoderRig _rig = new();

    [Theory]
    [InlineData("{\"pm25\":12.3}", "pm25=12.3")]
    [InlineData("{\"pm25\":12.3,\"temp\":31.0}", "pm25=12.3 temp=31")]
    [InlineData(" [ {\"pm25\":1} , {\"pm25\":2} ] ", "pm25=1|pm25=2")]
    [InlineData("{\"pm25\":1,\"firmware\":\"1.2\",\"ok\":true,\"spare\":null}", "pm25=1")] // texts and flags of a device are no metrics
    [InlineData("{\"pm25\":null,\"temp\":30}", "temp=30")] // null is "not measured"
    [InlineData("{\"p\\u006d25\":4}", "pm25=4")] // an escaped name is the same name
    [InlineData("{\"own.name_1-a:b\":-1e3}", "own.name_1-a:b=-1000")]
    [InlineData("{\"x\":1e100,\"y\":-1e100,\"z\":1e-300}", "x=1E+100 y=-1E+100 z=1E-300")]
    public void Good_payloads_are_taken_whole(string payload, string expected)
    {
        Assert.Equal(expected, string.Join('|', _rig.Decode(payload)));
        Assert.Empty(_rig.Rejections);
        _rig.AssertSound();
    }

    [Theory]
    // the message as a whole
    [InlineData("", "bad-json", 1, "is not a flat JSON object or an array of them")]
    [InlineData("{", "bad-json", 1, "is not a flat JSON object")]
    [InlineData("{}x", "bad-json", 1, "is not a flat JSON object")]
    [InlineData("42", "bad-json", 1, "must be an object or an array")]
    [InlineData("\"text\"", "bad-json", 1, "must be an object or an array")]
    [InlineData("[]", "bad-json", 1, "the array is empty")]
    [InlineData("[1]", "bad-json", 1, "An array must hold objects only")]
    [InlineData("{\"a\":{\"pm25\":1}}", "bad-json", 1, "must be flat")]
    [InlineData("{\"pm25\":[1]}", "bad-json", 1, "must be flat")]
    [InlineData("{\"ts\":[1],\"pm25\":1}", "bad-timestamp", 1, "Unix milliseconds")]
    [InlineData("{\"ts\":1764000000000,\"ts\":1764000000001,\"pm25\":1}", "bad-field", 1, "'ts' is there twice")]
    [InlineData("{\"pm25\":1,}", "bad-json", 1, "is not a flat JSON object")]
    [InlineData("{\"pm25\":NaN}", "not-finite", 1, "leave the field out or send null")]
    [InlineData("{\"pm25\":-Infinity}", "not-finite", 1, "leave the field out or send null")]
    [InlineData("{\"\\ud800\":1}", "bad-json", 1, "is not a flat JSON object")] // half a surrogate pair
    [InlineData("{\"\\ud800aaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}", "bad-json", 1, "is not a flat JSON object")]
    // an object
    [InlineData("{}", "no-metrics", 1, "no numeric field")]
    [InlineData("{\"ts\":1764000000000,\"seq\":1}", "no-metrics", 1, "no numeric field")]
    [InlineData("{\"ts\":\"yesterday\",\"pm25\":1,\"temp\":2}", "bad-timestamp", 2, "RFC 3339 time with an offset")]
    [InlineData("{\"ts\":null,\"pm25\":1}", "bad-timestamp", 1, "RFC 3339")]
    [InlineData("{\"ts\":true,\"pm25\":1}", "bad-timestamp", 1, "RFC 3339")]
    [InlineData("{\"ts\":1764000000,\"pm25\":1}", "bad-timestamp", 1, "looks like seconds; send milliseconds: 1764000000000")]
    [InlineData("{\"ts\":0,\"pm25\":1}", "bad-timestamp", 1, "before the year 2000")]
    [InlineData("{\"ts\":-5,\"pm25\":1}", "bad-timestamp", 1, "before the year 2000")]
    [InlineData("{\"ts\":1e300,\"pm25\":1}", "bad-timestamp", 1, "must be Unix milliseconds")]
    [InlineData("{\"ts\":1e999,\"pm25\":1}", "bad-timestamp", 1, "must be Unix milliseconds")]
    [InlineData("{\"ts\":1764000300001,\"pm25\":1}", "future-timestamp", 1, "at most 300 s are taken")]
    [InlineData("{\"ts\":9223372036854775807,\"pm25\":1}", "future-timestamp", 1, "ahead of the gateway")]
    [InlineData("{\"ts\":\"9999-12-31T23:59:59Z\",\"pm25\":1}", "future-timestamp", 1, "ahead of the gateway")]
    [InlineData("{\"seq\":\"7\",\"pm25\":1}", "bad-field", 1, "'seq' must be an integer")]
    [InlineData("{\"seq\":1.5,\"pm25\":1}", "bad-field", 1, "'seq' must be an integer")]
    [InlineData("{\"lat\":90.1,\"pm25\":1}", "bad-field", 1, "'lat' must be a number from -90 to 90")]
    [InlineData("{\"lon\":\"106\",\"pm25\":1}", "bad-field", 1, "'lon' must be a number from -180 to 180")]
    [InlineData("{\"ncgi\":\"452-04-XYZ\",\"pm25\":1}", "bad-field", 1, "'ncgi' must be written")]
    [InlineData("{\"ts\":5,\"seq\":\"x\",\"pm25\":1,\"temp\":1}", "bad-field", 2, "'seq'")] // the first mistake found is named
    // one reading
    [InlineData("{\"pm25\":\"12\"}", "not-numeric", 1, "'pm25' must be a number")]
    [InlineData("{\"pm25\":false}", "not-numeric", 1, "'pm25' must be a number")]
    [InlineData("{\"pm25\":1e999}", "not-finite", 1, "'pm25' is not a finite number")]
    [InlineData("{\"pm25\":-1}", "out-of-range", 1, "'pm25' is -1; it must be 0 to 2000 µg/m³.")]
    [InlineData("{\"other\":1e101}", "out-of-range", 1, "'other' is 1E+101; it must be -1E+100 to 1E+100.")]
    [InlineData("{\"no spaces\":1}", "bad-metric", 1, "A metric name must be 1 to 64 of")]
    [InlineData("{\"\":1}", "bad-metric", 1, "A metric name must be")]
    [InlineData("{\"bụi\":1}", "bad-metric", 1, "A metric name must be")]
    public void Bad_payloads_are_refused_with_the_reason_and_what_would_be_right(string payload, string reason, int readings, string detail)
    {
        var rejection = _rig.Refused(payload);
        Assert.Equal((reason, readings), (rejection.Reason, rejection.Readings));
        Assert.Contains(detail, rejection.Detail, StringComparison.Ordinal);
        Assert.Empty(_rig.Messages);
    }

    [Theory]
    [InlineData("{\"pm25\":1,\"pm25\":2}", "pm25=1", "bad-field")] // names that are there twice
    [InlineData("{\"pm25\":-1,\"temp\":30}", "temp=30", "out-of-range")]
    [InlineData("{\"pm25\":-1,\"pm25\":5}", "pm25=5", "out-of-range")]
    [InlineData("{\"temp\":30,\"a b\":1}", "temp=30", "bad-metric")]
    [InlineData("[{\"pm25\":1},{\"pm25\":NaN},{\"pm25\":3}]", "pm25=1|pm25=3", "not-finite")]
    [InlineData("{\"note\":\"NaN\",\"pm25\":-Infinity,\"temp\":30}", "temp=30", "not-finite")]
    [InlineData("[{\"pm25\":1},2]", "pm25=1", "bad-json")]
    [InlineData("[{\"pm25\":1},[{\"pm25\":2}],{\"a\":{\"b\":[1]}},{\"pm25\":3}]", "pm25=1|pm25=3", "bad-json")]
    [InlineData("[{\"pm25\":1},{\"ts\":5,\"pm25\":2},{\"pm25\":3}]", "pm25=1|pm25=3", "bad-timestamp")]
    public void What_is_good_is_taken_beside_what_is_bad(string payload, string taken, string reason)
    {
        Assert.Equal(taken, string.Join('|', _rig.Decode(payload)));
        Assert.Equal(reason, Assert.Single(_rig.Rejections).Reason);
        _rig.AssertSound();
    }

    [Theory]
    [InlineData("1764000000000", 0)]
    [InlineData("1764000000000.4", 0)]
    [InlineData("1.764e12", 0)]
    [InlineData("\"2025-11-24T16:00:00Z\"", 0)]
    [InlineData("\"2025-11-24t16:00:00z\"", 0)] // §5.6: lower case too
    [InlineData("\"2025-11-24 16:00:00Z\"", 0)] // §5.6 note: a space for readability
    [InlineData("\"2025-11-24T23:00:00+07:00\"", 0)]
    [InlineData("\"2025-11-24T09:30:00-06:30\"", 0)]
    [InlineData("\"2025-11-24T16:00:00-00:00\"", 0)] // §4.3: UTC, local offset unknown
    [InlineData("\"2025-11-24T16:00:00.25Z\"", 250)]
    [InlineData("\"2025-11-24T15:59:59.9999999999Z\"", -1)] // cut to milliseconds
    [InlineData("\"2025-11-24T15:59:60Z\"", 0)] // a leap second is the first of the next minute
    [InlineData("\"2024-02-29T00:00:00Z\"", -54_835_200_000)]
    public void Timestamps_are_Unix_milliseconds_or_RFC_3339(string ts, long offsetMs)
    {
        _rig.Decode($"{{\"ts\":{ts},\"pm25\":1}}");
        Assert.Equal((Arrival + offsetMs, false), (Assert.Single(_rig.Messages).EventMs, _rig.Messages[0].EventTimeAssumed));
    }

    [Theory]
    [InlineData("2025-11-24T16:00:00")] // without an offset it could mean any of 24 hours
    [InlineData("2025-11-24T16:00Z")]
    [InlineData("2025-11-24")]
    [InlineData("2025-02-29T16:00:00Z")]
    [InlineData("2025-13-01T16:00:00Z")]
    [InlineData("2025-00-01T16:00:00Z")]
    [InlineData("2025-11-24T24:00:00Z")]
    [InlineData("2025-11-24T16:60:00Z")]
    [InlineData("2025-11-24T16:00:61Z")]
    [InlineData("2025-11-24T16:00:00.Z")]
    [InlineData("2025-11-24T16:00:00+7:00")]
    [InlineData("2025-11-24T16:00:00+0700")]
    [InlineData("2025-11-24T16:00:00+24:00")]
    [InlineData("2025-11-24T16:00:00Z ")]
    [InlineData("25-11-24T16:00:00.000Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("+2025-11-24T16:00:00Z")]
    [InlineData("2025-11-24T16:00:00.0000000000000000000000000000000000000000000000000Z")]
    public void Other_texts_are_no_timestamps(string ts) => Assert.Equal(RejectReason.BadTimestamp, _rig.Refused($"{{\"ts\":\"{ts}\",\"pm25\":1}}").Reason);

    [Fact]
    public void Without_a_timestamp_the_arrival_stands_in_and_the_reading_says_so()
    {
        _rig.Decode("{\"pm25\":1}");
        Assert.Equal((Arrival, true, null), (_rig.Messages[0].EventMs, _rig.Messages[0].EventTimeAssumed, _rig.Messages[0].Sequence));
    }

    [Fact]
    public void Optional_fields_are_kept_and_do_not_leak_into_the_next_message()
    {
        _rig.Decode("{\"ts\":1764000000000,\"seq\":-9,\"lat\":10.5,\"lon\":-180,\"pm25\":1}");
        var first = _rig.Messages[0];
        Assert.Equal((-9, 10.5, -180.0), (first.Sequence, first.Latitude, first.Longitude));
        _rig.GiveBack();
        _rig.Decode("{\"pm25\":1}");
        var next = _rig.Messages[0];
        Assert.Same(first, next); // pooled
        Assert.Equal((null, double.NaN, double.NaN, null), (next.Sequence, next.Latitude, next.Longitude, next.Ncgi));
    }

    [Theory]
    [InlineData("\"rsrp\":-90", null)]
    [InlineData("\"sinr\":5", "rsrp")]
    public void A_drive_test_needs_place_cell_and_power(string field, string? missing)
    {
        _rig.Decode($"{{\"lat\":10,\"lon\":106,\"ncgi\":\"452-04-0A1B2C3D4\",{field}}}", "mdt");
        if (missing is null) Assert.Equal("452-04-0A1B2C3D4", Assert.Single(_rig.Messages).Ncgi);
        else Assert.Contains(missing, Assert.Single(_rig.Rejections).Detail, StringComparison.Ordinal);
        var all = _rig.Refused("{\"sinr\":5}", "mdt");
        Assert.Equal((RejectReason.MissingField, "Kind 'mdt' needs: lat, lon, ncgi, rsrp."), (all.Reason, all.Detail));
    }

    [Fact]
    public void Objects_of_an_array_have_places_of_their_own_in_order()
    {
        _rig.Decode("[{\"pm25\":1},{\"bad\":\"x\"},{\"pm25\":3}]");
        Assert.Equal([LogPosition.Of(1, 0), LogPosition.Of(1, 2)], _rig.Messages.Select(m => m.Position));
    }

    [Fact]
    public void Arrays_and_objects_have_a_limit_that_the_refusal_names()
    {
        string Array(int n) => "[" + string.Join(',', Enumerable.Repeat("{\"pm25\":1}", n)) + "]";
        string Object(int n) => "{" + string.Join(',', Enumerable.Range(0, n).Select(i => $"\"m{i}\":1")) + "}";
        Assert.Equal(4096, _rig.Decode(Array(4096)).Count);
        _rig.GiveBack();
        Assert.Contains("more than 4096 objects", _rig.Refused(Array(4097)).Detail, StringComparison.Ordinal);
        Assert.Single(_rig.Decode(Object(512), "odd"));
        _rig.GiveBack();
        Assert.Contains("more than 512 metrics", _rig.Refused(Object(513), "odd").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_full_of_mistakes_is_counted_wholly_and_listed_briefly()
    {
        var payload = "{" + string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"a b\":{i}")) + ",\"pm25\":-1,\"temp\":30}";
        Assert.Equal(["temp=30"], _rig.Decode(payload));
        Assert.Equal(10_001, _rig.Rejections.Sum(r => r.Readings));
        Assert.InRange(_rig.Rejections.Count, 2, 32);
        Assert.Equal(1, _rig.Rejections.Where(r => r.Reason == RejectReason.OutOfRange).Sum(r => r.Readings));
    }

    [Fact]
    public void A_kind_has_a_limited_number_of_names_and_those_it_has_go_on()
    {
        for (var i = 0; i < MetricTable.MaxMetrics + 10; i++)
        {
            _rig.Decode($"{{\"invented{i}\":1}}", "odd");
            _rig.GiveBack();
        }

        Assert.Equal(RejectReason.BadMetric, _rig.Refused("{\"one-more\":1}", "odd").Reason);
        Assert.Equal(["invented5=1"], _rig.Decode("{\"invented5\":1}", "odd"));
        Assert.Equal(["one-more=1"], _rig.Decode("{\"one-more\":1}", "another"));
    }

    [Fact]
    public void Metric_names_are_one_object_for_the_whole_process()
    {
        _rig.Decode("[{\"pm25\":1,\"mine\":1},{\"mine\":2,\"p\\u006d25\":3}]");
        Assert.Same(_rig.Messages[0].Readings[0].Metric, _rig.Messages[1].Readings[1].Metric);
        Assert.Same(_rig.Messages[0].Readings[1].Metric, _rig.Messages[1].Readings[0].Metric);
    }

    [Fact]
    public void Every_truncation_is_refused_and_never_an_exception()
    {
        var payload = Encoding.UTF8.GetBytes("[{\"ts\":\"2025-11-24T16:00:00Z\",\"seq\":7,\"lat\":10.5,\"pm25\":1.5e1,\"tê\\u006dp\":30,\"note\":\"\\ud83d\\ude00\"},{\"pm25\":2}]");
        for (var length = 0; length < payload.Length; length++)
        {
            _rig.Decode(payload.AsSpan(0, length));
            Assert.Equal(RejectReason.BadJson, Assert.Single(_rig.Rejections).Reason);
            Assert.Empty(_rig.Messages);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_bytes_come_there_is_an_answer_and_no_exception(int seed)
    {
        var random = new Random(seed);
        string[] seeds =
        [
            "{\"ts\":1764000000000,\"seq\":1,\"lat\":10,\"lon\":106,\"ncgi\":\"452-04-0A1B2C3D4\",\"rsrp\":-90,\"sinr\":3}",
            "[{\"ts\":\"2025-11-24T16:00:00+07:00\",\"pm25\":12.5,\"temp\":31},{\"p\\u006d25\":1e3,\"x\":\"\\ud83d\\ude00\"}]",
        ];
        for (var i = 0; i < 30_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                var at = random.Next(bytes.Length);
                bytes = random.Next(5) switch
                {
                    0 => [.. bytes[..at], .. bytes[(at + 1)..]],
                    1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                    2 => [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]],
                    3 => [.. bytes[..at], .. Encoding.UTF8.GetBytes(s_bits[random.Next(s_bits.Length)]), .. bytes[at..]],
                    _ => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
                };
                if (bytes.Length == 0) bytes = [0];
            }

            _rig.Decode(bytes, random.Next(2) == 0 ? "mdt" : "air");
            _rig.AssertSound();
            _rig.GiveBack();
        }
    }

    [Fact]
    public void Every_message_goes_back_to_the_pool_whatever_was_wrong()
    {
        var pool = new MessagePool(100);
        var decoder = new PayloadDecoder(pool, 300_000);
        var known = new HashSet<DeviceMessage>(ReferenceEqualityComparer.Instance);
        foreach (var payload in new[] { "{\"pm25\":1}", "{", "[{\"pm25\":1},{\"pm25\":2},3]", "{\"ts\":5,\"pm25\":1}", "{\"pm25\":NaN}", "{\"\\ud800\":1}", "[{\"pm25\":1},{\"\\ud800\":1}]", "{}" })
        {
            for (var i = 0; i < 50; i++)
            {
                decoder.Decode(_rig.Stream("air"), Encoding.UTF8.GetBytes(payload), 1, Arrival);
                foreach (var message in decoder.Messages)
                {
                    known.Add(message);
                    pool.Return(message);
                }
            }
        }

        // Were one lost or returned twice, these would be new objects, or the same object twice.
        var rented = Enumerable.Range(0, 3).Select(_ => pool.Rent()).ToList();
        Assert.Equal(3, rented.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Subset(new HashSet<DeviceMessage>(rented, ReferenceEqualityComparer.Instance), known);
    }

    [Theory]
    [InlineData(-30, null)]
    [InlineData(-31, "'ts' is 31 days before its arrival; windows are kept for 30 days (Retention:WindowDays).")]
    public void A_reading_whose_window_has_been_deleted_is_rejected(int days, string? detail)
    {
        var decoder = new PayloadDecoder(new MessagePool(100), 300_000, 30L * 86_400_000);
        decoder.Decode(_rig.Stream("air"), Encoding.UTF8.GetBytes($"{{\"ts\":{Arrival + (days * 86_400_000L)},\"pm25\":1}}"), 1, Arrival);
        Assert.Equal(detail is null ? 1 : 0, decoder.Messages.Count);
        Assert.Equal(detail is null ? [] : new[] { (RejectReason.TooOld, detail) }, decoder.Rejections.Select(r => (r.Reason, r.Detail)));
    }

    private static readonly string[] s_bits =
        ["\\ud800", "\\u0000", "NaN", "1e999", "-", "\"", "{", "[", "null", "\"ts\":", "\"seq\":", "99999999999999999999", "\"pm25\":1,\"pm25\":2,", "\xff", "//"];
}
