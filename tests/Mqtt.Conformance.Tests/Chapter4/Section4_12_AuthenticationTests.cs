namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>5.0 §4.12: enhanced authentication, which this broker refuses.</summary>
public sealed class Section4_12_AuthenticationTests
{
    [Fact(DisplayName = "5.0 [MQTT-4.12.0-1][MQTT-4.12.0-4] An authentication method that the server does not support is refused with 0x8C and the connection closes")]
    public async Task Unknown_method()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var (peer, answer) = await scene.TryConnectAsync("a", c => c with { Properties = new() { AuthenticationMethod = "SCRAM-SHA-256", AuthenticationData = [1] } });
        Assert.Equal(MqttReasonCode.BadAuthenticationMethod, answer.ReasonCode);
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact(DisplayName = "5.0 [MQTT-4.12.0-6] Without a method in CONNECT there is none in CONNACK and no AUTH")]
    public async Task No_method()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var (peer, answer) = await scene.TryConnectAsync("a");
        Assert.Null(answer.Properties!.AuthenticationMethod);
        Assert.Null(answer.Properties.AuthenticationData);
        await Scene.IsAliveAsync(peer);
    }

    [Theory(DisplayName = "5.0 [MQTT-4.12.0-7][MQTT-4.12.1-2][MQTT-3.15.2-1] An AUTH without a method in CONNECT is a protocol error and closes the connection")]
    [InlineData("F0 00")]
    [InlineData("F0 01 18")]
    [InlineData("F0 06 19 04 15 00 01 61")]
    [InlineData("F0 02 05 00")]
    public async Task AUTH(string hex)
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        await scene.IsRefusedAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), MqttReasonCode.ProtocolError);
    }
}
