using System.Text;

namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>Packets put together by hand, so that a fault of our writers does not hide one of our readers.</summary>
internal static class Craft
{
    public static byte[] Packet(byte header, params byte[][] parts)
    {
        byte[] body = [.. parts.SelectMany(p => p)];
        return [header, .. Length(body.Length), .. body];
    }

    public static byte[] Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public static byte[] Text(byte[] bytes) => [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];

    public static byte[] Id(int id) => [(byte)(id >> 8), (byte)id];

    /// <summary>A property section with its length; nothing for 3.1.1.</summary>
    public static byte[] Properties(MqttProtocolVersion version, params byte[] section) =>
        version == MqttProtocolVersion.V500 ? [.. Length(section.Length), .. section] : [];

    public static byte[] Connect(MqttProtocolVersion version, byte flags, params byte[][] payload) =>
        Packet(0x10, [Text("MQTT"), [(byte)version, flags, 0, 0], Properties(version), .. payload]);

    public static byte[] Subscribe(MqttProtocolVersion version, byte[] filter, byte options = 0, byte header = 0x82) =>
        Packet(header, Id(7), Properties(version), Text(filter), [options]);

    public static byte[] Unsubscribe(MqttProtocolVersion version, byte[] filter, byte header = 0xA2) => Packet(header, Id(7), Properties(version), Text(filter));

    public static byte[] Publish(MqttProtocolVersion version, byte[] topic, params byte[] properties) =>
        Packet(0x30, Text(topic), Properties(version, properties), [1]);

    private static byte[] Length(int length)
    {
        var bytes = new byte[4];
        return bytes[..VarInt.Write(bytes, (uint)length)];
    }
}
