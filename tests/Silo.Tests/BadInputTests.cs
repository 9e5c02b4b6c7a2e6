using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>Hostile and mistaken input: it gets its answer and its counter, and harms nobody else.</summary>
public sealed class BadInputTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private readonly SiloProcess _silo = fixture.Silo;

    public static TheoryData<string, byte[]> Malformed => new()
    {
        { "no MQTT at all", "GET / HTTP/1.1\r\n\r\n"u8.ToArray() },
        { "reserved packet type 0", [0x00, 0x00] },
        { "a remaining length of five bytes", [0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F] },
        { "PUBLISH before CONNECT", [0x30, 0x03, 0, 1, (byte)'a'] },
        { "another protocol's name", [0x10, 12, 0, 4, .. "MQTX"u8, 4, 2, 0, 0, 0, 0] },
    };

    /// <summary>Topic, payload, reason, and how many readings are rejected by it.</summary>
    public static TheoryData<string, string, string, int> Mistakes => new()
    {
        { "sensors/{0}", """{"pm25":1}""", "bad-topic", 1 },
        { "city/nam/sg/air/{0}/more", """{"pm25":1}""", "bad-topic", 1 },
        { "city/nam/sg/air/{0} with spaces", """{"pm25":1}""", "bad-topic", 1 },
        { "city/nam/xx/air/{0}", """{"pm25":1}""", "unknown-unit", 1 },
        { "city/bac/sg/air/{0}", """{"pm25":1}""", "unknown-unit", 1 },
        { "city/nam/sg/air/{0}", "", "bad-json", 1 },
        { "city/nam/sg/air/{0}", """{"pm25":""", "bad-json", 1 },
        { "city/nam/sg/air/{0}", """{"pm25":{"value":1}}""", "bad-json", 1 },
        { "city/nam/sg/air/{0}", "17", "bad-json", 1 },
        { "city/nam/sg/air/{0}", """{"pm25":NaN}""", "not-finite", 1 },
        { "city/nam/sg/air/{0}", """{"pm25":1e999}""", "not-finite", 1 },
        { "city/nam/sg/air/{0}", """{"pm25":"many","pm10":"more"}""", "not-numeric", 2 },
        { "city/nam/sg/air/{0}", """{"pm25":-1}""", "out-of-range", 1 },
        { "city/nam/sg/air/{0}", """{"pm25":2001,"rh":101}""", "out-of-range", 2 },
        { "city/nam/sg/air/{0}", """{"ts":1764000000000}""", "no-metrics", 1 },
        { "city/nam/sg/mdt/{0}", """{"lat":10.77,"rsrp":-90}""", "missing-field", 1 },
        { "city/nam/sg/air/{0}", """{"ts":4102444800000,"pm25":1}""", "future-timestamp", 1 },
        { "city/nam/sg/air/{0}", """{"ts":"yesterday","pm25":1}""", "bad-timestamp", 1 },
        { "city/nam/sg/air/{0}", """{"ts":1764000000,"pm25":1}""", "bad-timestamp", 1 },
        { "city/nam/sg/air/{0}", """{"lat":91,"pm25":1}""", "bad-field", 1 },
        { "city/nam/sg/air/{0}", """{"p m":1}""", "bad-metric", 1 },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Malformed_MQTT_closes_that_connection_only(string what, byte[] bytes)
    {
        var device = "neighbour-" + Guid.NewGuid().ToString("N");
        using var good = await RawMqtt.ConnectAsync(_silo.MqttPort, device);
        await good.PublishAsync("city/nam/sg/air/" + device, """{"pm25":1}""", 1);
        using (var bad = await RawMqtt.OpenAsync(_silo.MqttPort))
        {
            await bad.SendAsync(bytes);
            await bad.WaitForCloseAsync();
        }

        await good.PublishAsync("city/nam/sg/air/" + device, """{"pm25":2}""", 2);
        await _silo.WaitForValueAsync(device, "pm25", 2);
        Assert.True(what.Length > 0);
    }

    [Fact]
    public async Task Malformed_MQTT_after_good_messages_keeps_what_was_acknowledged()
    {
        using var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "turns-bad");
        await mqtt.PublishAsync("city/nam/sg/air/turns-bad", """{"pm25":7}""");
        await mqtt.SendAsync([0x36, 0x00]); // QoS 3
        await mqtt.WaitForCloseAsync();
        await _silo.WaitForValueAsync("turns-bad", "pm25", 7);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_message_that_cannot_be_taken_is_acknowledged_counted_and_kept(string topic, string payload, string reason, int readings)
    {
        var before = await RejectedAsync(reason);
        var device = "bad-" + Guid.NewGuid().ToString("N");
        topic = topic.Replace("{0}", device, StringComparison.Ordinal);
        using var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, device);
        await mqtt.PublishAsync(topic, payload, 1); // waits for the PUBACK

        // The same connection goes on, and so does a device of the same unit.
        await mqtt.PublishAsync("city/nam/sg/air/good-" + device, """{"pm25":3}""", 2);
        await _silo.WaitForValueAsync("good-" + device, "pm25", 3);

        Assert.Equal(before + readings, await RejectedAsync(reason));
        var letters = await _silo.WaitForAsync("/api/v1/deadletters?limit=1000", l => Letters(l, topic).Sum(letter => letter.GetProperty("readings").GetInt32()) == readings, "the dead letters");
        foreach (var letter in Letters(letters, topic))
        {
            Assert.Equal((reason, payload), (letter.Text("reason"), letter.Text("payload")));
            Assert.NotEqual(string.Empty, letter.Text("detail"));
        }

        await _silo.ProblemAsync("/api/v1/devices/" + device, System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Of_an_array_the_good_objects_are_taken_and_the_bad_ones_counted()
    {
        using var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "mixed");
        await mqtt.PublishAsync("city/nam/sg/air/mixed", """[{"pm25":1,"pm10":-5},{"ts":4102444800000,"pm25":2},{"pm25":4}]""");
        await _silo.WaitForValueAsync("mixed", "pm25", 4);
        var ledger = await _silo.LedgerAsync(4, "mixed");
        Assert.Equal(4, ledger.GetProperty("accepted").GetInt64());
        Assert.Equal(
            [("future-timestamp", 1), ("out-of-range", 1)],
            ledger.GetProperty("rejected").EnumerateObject().Select(r => (r.Name, r.Value.GetInt32())));
    }

    private static List<JsonElement> Letters(JsonElement answer, string topic) => [.. answer.Items().Where(l => l.Text("topic") == topic)];

    private async Task<long> RejectedAsync(string reason)
    {
        var ledger = await _silo.LedgerAsync(0);
        return ledger.GetProperty("rejected").TryGetProperty(reason, out var count) ? count.GetInt64() : 0;
    }
}
