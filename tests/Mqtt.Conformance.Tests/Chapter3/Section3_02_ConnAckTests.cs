namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §3.2: CONNACK.</summary>
public sealed class Section3_02_ConnAckTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-3.2.2-6] 5.0 [MQTT-3.2.2-1][MQTT-3.2.2-8] CONNACK has reserved flags 0 and a code of its table; where 3.1.1 has no code the connection closes without CONNACK")]
    [ClassData(typeof(BothVersions))]
    public async Task Codes(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version, authorizer: new RecordingAuthorizer());
        var (_, answer) = await scene.TryConnectAsync("nobody");
        Assert.Equal(MqttReasonCode.NotAuthorized, answer.ReasonCode);
        if (scene.V5) return;
        var peer = await scene.OpenAsync();
        await peer.SendAsync(Craft.Connect(version, 3, Craft.Text("malformed")));
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact(DisplayName = "5.0 [MQTT-3.2.2-9][MQTT-3.2.2-10] All QoS are supported and CONNACK says nothing else; a subscription with QoS 2 is granted")]
    public async Task All_QoS()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var (peer, answer) = await scene.TryConnectAsync("a");
        Assert.Null(answer.Properties!.MaximumQoS);
        Assert.Equal([MqttReasonCode.GrantedQoS2], await peer.SubscribeAsync(scene.Version, new MqttSubscription("a", MqttQoS.ExactlyOnce)));
    }

    [Fact(DisplayName = "5.0 [MQTT-3.2.2-12][MQTT-3.2.2-13] Wills of all QoS and retained ones are accepted, as nothing is said to be unsupported")]
    public async Task All_wills()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        foreach (var qos in Enum.GetValues<MqttQoS>())
        {
            var (_, answer) = await scene.TryConnectAsync($"a{qos}", c => c with { Will = new("w", [1], qos, true) });
            Assert.Equal(MqttReasonCode.Success, answer.ReasonCode);
            Assert.Null(answer.Properties!.RetainAvailable);
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.2.2-22][MQTT-3.2.2-21] The server's own keep-alive is told and holds instead of the client's")]
    public async Task Server_keep_alive()
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, l => l.MaxKeepAliveSeconds = 10, time);
        var (peer, answer) = await scene.TryConnectAsync("a", c => c with { KeepAlive = 600 });
        Assert.Equal((ushort)10, answer.Properties!.ServerKeepAlive);
        Assert.Null((await scene.TryConnectAsync("b", c => c with { KeepAlive = 5 })).Answer.Properties!.ServerKeepAlive);
        await Eventually.True(() => { time.Advance(TimeSpan.FromSeconds(2)); return scene.Host.Metrics.ConnectionsOpen == 0; }, "both are closed");
        await scene.IsClosedAsync(peer, MqttReasonCode.KeepAliveTimeout);
    }
}
