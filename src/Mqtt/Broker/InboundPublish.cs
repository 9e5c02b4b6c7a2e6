namespace SmartCity.Mqtt;

/// <summary>One inbound PUBLISH, valid only during <see cref="IPublishHandler.Accept"/>. The topic alias is resolved already.</summary>
public readonly ref struct InboundPublish
{
    /// <summary>UTF-8 topic name, validated.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Raw v5 properties without their length, validated; empty for 3.1.1.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    public MqttQoS QoS { get; init; }

    public bool Retain { get; init; }

    /// <summary>The DUP flag: the client says that it sent this before.</summary>
    public bool Duplicate { get; init; }

    public MqttConnectionInfo Connection { get; init; }

    public MqttPropertyEnumerator EnumerateProperties() => new(Properties, PropertyScopes.Publish);
}
