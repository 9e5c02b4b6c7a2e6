using Microsoft.Extensions.Logging;

namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 §4.8, 5.0 §4.13: errors.</summary>
public sealed class Section4_13_ErrorTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-4.8.0-1] 5.0 [MQTT-4.13.1-1][MQTT-4.13.2-1][MQTT-3.2.2-15] A violation closes its connection with the reason, a count and a log line without secrets; what came before is answered")]
    [ClassData(typeof(BothVersions))]
    public async Task Violations(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var (bytes, reason) in new (byte[], MqttReasonCode)[]
        {
            ([0x00, 0x00], MqttReasonCode.MalformedPacket), ([0x20, 0x02, 0, 0], MqttReasonCode.ProtocolError), ([0x90, 0x03, 0, 1, 0], MqttReasonCode.ProtocolError),
            ([0xB0, 0x02, 0, 1], MqttReasonCode.ProtocolError), ([0xD0, 0x00], MqttReasonCode.ProtocolError), ([0xC0, 0x01, 0], MqttReasonCode.MalformedPacket),
            ([0x30, 0xFF, 0xFF, 0xFF, 0xFF], MqttReasonCode.MalformedPacket), ([0x30, 0xFF, 0xFF, 0xFF, 0x7F], MqttReasonCode.PacketTooLarge),
        })
        {
            var peer = await scene.ConnectAsync("p", c => c with { UserName = "u", Password = "hunter2"u8.ToArray() });
            await peer.SendAsync([0xC0, 0, .. bytes]);
            Assert.Equal([0xD0, 0], await peer.ReadPacketAsync("PINGRESP"));
            await scene.IsClosedAsync(peer, reason);
        }

        Assert.Contains(scene.Host.Log.Lines, l => l.Level == LogLevel.Warning && l.Text.Contains("broke the protocol", StringComparison.Ordinal));
        Assert.DoesNotContain(scene.Host.Log.Lines, l => l.Text.Contains("hunter2", StringComparison.Ordinal) || l.Level >= LogLevel.Error);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.8.0-2] 5.0 [MQTT-4.13.2-1] When the server cannot process a packet it closes that connection, and no other")]
    [ClassData(typeof(BothVersions))]
    public async Task Transient_errors(MqttProtocolVersion version)
    {
        var handler = new ScriptedHandler();
        await using var scene = await Scene.StartAsync(version, handler: handler);
        var bystander = await scene.ConnectAsync("bystander");
        var peer = await scene.ConnectAsync();
        handler.FailSync(new IOException("The disk is full."));
        await scene.PublishAsync(peer, "a", "x", MqttQoS.AtLeastOnce, 1);
        await scene.IsClosedAsync(peer, MqttReasonCode.ImplementationSpecificError);
        await Scene.IsAliveAsync(bystander);
    }
}
