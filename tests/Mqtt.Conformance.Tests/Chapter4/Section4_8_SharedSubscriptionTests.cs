using System.Text;

namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>5.0 §4.8.2: shared subscriptions.</summary>
public sealed class Section4_8_SharedSubscriptionTests
{
    private const string Filter = "$share/g/a";

    [Theory(DisplayName = "5.0 [MQTT-4.8.2-1][MQTT-4.8.2-2] A share name is at least one character without wildcards, and a filter follows it")]
    [InlineData("$share/")]
    [InlineData("$share/g")]
    [InlineData("$share/g/")]
    [InlineData("$share//a")]
    [InlineData("$share/+/a")]
    [InlineData("$share/#")]
    [InlineData("$share/g+/a")]
    public async Task Share_names(string filter)
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.ConnectAsync();
        await peer.SendAsync(Craft.Subscribe(scene.Version, Encoding.UTF8.GetBytes(filter)));
        var answer = await peer.ReadPacketAsync("the refusal");
        Assert.True(answer[0] is 0x90 ? answer[^1] == 0x8F : answer[0] == 0xE0 && answer[2] == 0x8F, Convert.ToHexString(answer));
    }

    [Fact(DisplayName = "5.0 [MQTT-4.8.2-3] Each member gets messages with the QoS that it was granted")]
    public async Task QoS_of_members()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var zero = await scene.SubscriberAsync(Filter, MqttQoS.AtMostOnce, "zero");
        var one = await scene.SubscriberAsync(Filter, MqttQoS.AtLeastOnce, "one");
        scene.Host.Broker.Publish("a", "x"u8, MqttQoS.ExactlyOnce);
        scene.Host.Broker.Publish("a", "x"u8, MqttQoS.ExactlyOnce);
        Assert.Equal(MqttQoS.AtMostOnce, (await scene.ReadPublishAsync(zero)).QoS);
        Assert.Equal(MqttQoS.AtLeastOnce, (await scene.ReadPublishAsync(one)).QoS);
    }

    [Fact(DisplayName = "5.0 [MQTT-4.8.2-4] A QoS 2 delivery that a member's connection cut off is completed with that member")]
    public async Task QoS_2_is_completed()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var member = await scene.SubscriberAsync(Filter, clientId: "member");
        scene.Host.Broker.Publish("a", "x"u8, MqttQoS.ExactlyOnce);
        var publish = await scene.ReadPublishAsync(member);
        var other = await scene.SubscriberAsync(Filter, clientId: "other");
        await scene.CutAsync(member);
        await Scene.IsAliveAsync(other);
        member = await scene.ConnectAsync("member", scene.Kept);
        Assert.Equal(publish with { Duplicate = true }, await scene.ReadPublishAsync(member));
        await Scene.IsAliveAsync(other);
    }

    [Fact(DisplayName = "5.0 [MQTT-4.8.2-5] A QoS 2 message whose member's session ends goes to no other member")]
    public async Task QoS_2_of_an_ended_session()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var member = await scene.ConnectAsync("member");
        await member.SubscribeAsync(scene.Version, new MqttSubscription(Filter, MqttQoS.ExactlyOnce));
        scene.Host.Broker.Publish("a", "x"u8, MqttQoS.ExactlyOnce);
        await scene.ReadPublishAsync(member);
        var other = await scene.SubscriberAsync(Filter, clientId: "other");
        await scene.CutAsync(member);
        scene.Host.Broker.Publish("a", "next"u8, MqttQoS.ExactlyOnce);
        Assert.Equal("next", (await scene.ReadPublishAsync(other)).Payload);
    }

    [Theory(DisplayName = "5.0 [MQTT-4.8.2-6] A message that a member refuses with 0x80 or more is discarded and goes to no other")]
    [InlineData(MqttQoS.AtLeastOnce, MqttPacketType.PubAck)]
    [InlineData(MqttQoS.ExactlyOnce, MqttPacketType.PubRec)]
    public async Task Refused_by_a_member(MqttQoS qos, MqttPacketType answer)
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var member = await scene.ConnectAsync("member");
        await member.SubscribeAsync(scene.Version, new MqttSubscription(Filter, qos));
        scene.Host.Broker.Publish("a", "x"u8, qos);
        var id = (await scene.ReadPublishAsync(member)).PacketId;
        var other = await scene.SubscriberAsync(Filter, clientId: "other");
        await member.SendAsync((byte)((int)answer << 4), 3, (byte)(id >> 8), (byte)id, 0x97);
        await Scene.IsAliveAsync(member);
        await scene.CutAsync(member);
        scene.Host.Broker.Publish("a", "next"u8, qos);
        Assert.Equal("next", (await scene.ReadPublishAsync(other)).Payload);
    }
}
