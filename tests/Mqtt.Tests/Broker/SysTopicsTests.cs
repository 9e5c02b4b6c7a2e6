namespace SmartCity.Mqtt.Tests;

/// <summary>The broker's statistics below $SYS.</summary>
public sealed class SysTopicsTests
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;

    [Fact]
    public async Task Statistics_are_there_for_who_asks_by_name_and_are_refreshed()
    {
        var time = new FakeTimeProvider();
        await using var host = await BrokerHost.StartAsync(time: time);
        time.Advance(TimeSpan.FromSeconds(1));
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", V5);
        await peer.SubscribeAsync(V5, new("$SYS/broker/clients/connected", MqttQoS.AtMostOnce), new("#", MqttQoS.AtMostOnce));
        var retained = await peer.ReadPublishAsync(V5, "the retained statistic");
        Assert.Equal(("$SYS/broker/clients/connected", "0", true), (retained.Topic, retained.Payload, retained.Retain));
        time.Advance(TimeSpan.FromSeconds(10));
        var refreshed = await peer.ReadPublishAsync(V5, "the refreshed statistic; # does not match the others");
        Assert.Equal(("$SYS/broker/clients/connected", "1", false), (refreshed.Topic, refreshed.Payload, refreshed.Retain));
        Assert.Equal(0, host.Broker.RetainedCount);
    }

    [Fact]
    public async Task MQTT_4_7_2_1_A_client_cannot_publish_to_SYS()
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", V5);
        await peer.PublishAsync(V5, "$SYS/broker/uptime", "forged", MqttQoS.AtLeastOnce, 1, retain: true);
        Assert.Equal((byte)MqttReasonCode.NotAuthorized, (await peer.ReadPacketAsync("PUBACK"))[4]);
        Assert.Equal(1, host.Metrics.Drops(MqttDropReason.NotAuthorized));
    }

    [Theory]
    [InlineData(V5, (byte)MqttReasonCode.NotAuthorized)]
    [InlineData(MqttProtocolVersion.V311, 5)]
    public async Task A_will_on_SYS_would_forge_the_statistics_and_is_refused(MqttProtocolVersion version, byte expected)
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        var will = new MqttWill("$SYS/broker/clients/connected", "666"u8.ToArray(), MqttQoS.AtMostOnce, false);
        Assert.Equal(expected, (await peer.ConnectAsync("c", version, p => p with { Will = will }))[3]);
    }
}
