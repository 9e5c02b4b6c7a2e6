namespace SmartCity.Mqtt.Tests;

/// <summary>A PUBLISH as a raw peer received it.</summary>
internal sealed record ReceivedPublish(string Topic, string Payload, MqttQoS QoS, bool Retain, bool Duplicate, ushort PacketId, ushort TopicAlias);
