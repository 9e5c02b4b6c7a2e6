namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 §1.5, 5.0 §1.5: data representation.</summary>
public sealed class Section1_5_DataRepresentationTests
{
    private static readonly byte[][] s_illFormed = [[0x61, 0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xC0, 0x80], [0xFF], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80]];

    [Theory(DisplayName = "3.1.1 [MQTT-1.5.3-1] 5.0 [MQTT-1.5.4-1] Ill-formed UTF-8 and surrogates close the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Ill_formed_UTF_8(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var bytes in s_illFormed)
        {
            await scene.IsRefusedAsync(Craft.Publish(version, bytes), MqttReasonCode.MalformedPacket);
            await scene.IsRefusedAsync(Craft.Subscribe(version, bytes), MqttReasonCode.MalformedPacket);
            await scene.IsRefusedAsync(Craft.Unsubscribe(version, bytes), MqttReasonCode.MalformedPacket);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-1.5.3-2] 5.0 [MQTT-1.5.4-2] U+0000 closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Null_character(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Publish(version, [0x61, 0]), MqttReasonCode.MalformedPacket);
        await scene.IsRefusedAsync(Craft.Subscribe(version, [0, 0x61]), MqttReasonCode.MalformedPacket);
        await scene.IsRefusedAsync(Craft.Unsubscribe(version, [0x61, 0, 0x61]), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-1.5.3-3] 5.0 [MQTT-1.5.4-3] U+FEFF is a character like others and is kept")]
    [ClassData(typeof(BothVersions))]
    public async Task Byte_order_mark(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var with = await scene.SubscriberAsync("\uFEFFa", clientId: "with");
        var without = await scene.SubscriberAsync("a", clientId: "without");
        var publisher = await scene.ConnectAsync();
        await scene.PublishAsync(publisher, "\uFEFFa", "marked");
        await scene.PublishAsync(publisher, "a", "plain");
        Assert.Equal("\uFEFFa", (await scene.ReadPublishAsync(with)).Topic);
        Assert.Equal("plain", (await scene.ReadPublishAsync(without)).Payload);
    }

    [Fact(DisplayName = "5.0 [MQTT-1.5.5-1] A variable byte integer in more bytes than it needs is malformed, as remaining length, property length and value")]
    public async Task Shortest_integers()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        await scene.IsRefusedAsync([0xC0, 0x80, 0x00], MqttReasonCode.MalformedPacket);
        await scene.IsRefusedAsync([0xC0, 0x80, 0x80, 0x80, 0x80, 0x00], MqttReasonCode.MalformedPacket);
        await scene.IsRefusedAsync(Craft.Packet(0x30, Craft.Text("a"), [0x80, 0x00]), MqttReasonCode.MalformedPacket);
        await scene.IsRefusedAsync(Craft.Packet(0x82, Craft.Id(1), [3, 0x0B, 0x81, 0x00], Craft.Text("a"), [0]), MqttReasonCode.MalformedPacket);
    }

    [Fact(DisplayName = "5.0 [MQTT-1.5.7-1] Both strings of a pair are well-formed UTF-8 without U+0000")]
    public async Task String_pairs()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        foreach (var bad in s_illFormed.Append([0]))
        {
            await scene.IsRefusedAsync(Craft.Publish(scene.Version, [0x61], [0x26, .. Craft.Text(bad), .. Craft.Text("v")]), MqttReasonCode.MalformedPacket);
            await scene.IsRefusedAsync(Craft.Publish(scene.Version, [0x61], [0x26, .. Craft.Text("n"), .. Craft.Text(bad)]), MqttReasonCode.MalformedPacket);
        }
    }
}
