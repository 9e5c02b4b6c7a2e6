using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>Writes property sections: the variable byte integer length, then identifier and value of each property (MQTT 5.0 §2.2.2).</summary>
internal static class PropertySection
{
    /// <summary>Encodes the properties without their length; an empty array for null.</summary>
    public static byte[] Encode(MqttProperties? properties)
    {
        if (properties is null) return [];
        var output = new ArrayBufferWriter<byte>(128);
        var p = properties;
        Flag(output, MqttPropertyId.PayloadFormatIndicator, p.PayloadFormatIndicator);
        Four(output, MqttPropertyId.MessageExpiryInterval, p.MessageExpiryInterval);
        Text(output, MqttPropertyId.ContentType, p.ContentType);
        Text(output, MqttPropertyId.ResponseTopic, p.ResponseTopic);
        Binary(output, MqttPropertyId.CorrelationData, p.CorrelationData);
        foreach (var id in p.SubscriptionIdentifiers ?? []) Variable(output, MqttPropertyId.SubscriptionIdentifier, id);
        Four(output, MqttPropertyId.SessionExpiryInterval, p.SessionExpiryInterval);
        Text(output, MqttPropertyId.AssignedClientIdentifier, p.AssignedClientIdentifier);
        Two(output, MqttPropertyId.ServerKeepAlive, p.ServerKeepAlive);
        Text(output, MqttPropertyId.AuthenticationMethod, p.AuthenticationMethod);
        Binary(output, MqttPropertyId.AuthenticationData, p.AuthenticationData);
        Flag(output, MqttPropertyId.RequestProblemInformation, p.RequestProblemInformation);
        Four(output, MqttPropertyId.WillDelayInterval, p.WillDelayInterval);
        Flag(output, MqttPropertyId.RequestResponseInformation, p.RequestResponseInformation);
        Text(output, MqttPropertyId.ResponseInformation, p.ResponseInformation);
        Text(output, MqttPropertyId.ServerReference, p.ServerReference);
        Text(output, MqttPropertyId.ReasonString, p.ReasonString);
        Two(output, MqttPropertyId.ReceiveMaximum, p.ReceiveMaximum);
        Two(output, MqttPropertyId.TopicAliasMaximum, p.TopicAliasMaximum);
        Two(output, MqttPropertyId.TopicAlias, p.TopicAlias);
        Flag(output, MqttPropertyId.MaximumQoS, p.MaximumQoS);
        Flag(output, MqttPropertyId.RetainAvailable, p.RetainAvailable);
        Four(output, MqttPropertyId.MaximumPacketSize, p.MaximumPacketSize);
        Flag(output, MqttPropertyId.WildcardSubscriptionAvailable, p.WildcardSubscriptionAvailable);
        Flag(output, MqttPropertyId.SubscriptionIdentifierAvailable, p.SubscriptionIdentifierAvailable);
        Flag(output, MqttPropertyId.SharedSubscriptionAvailable, p.SharedSubscriptionAvailable);
        foreach (var (name, value) in p.UserProperties ?? []) Pair(output, name, value);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Bytes of a section with its length prefix; 0 for a version without properties.</summary>
    public static int Size(MqttProtocolVersion version, int encodedLength) =>
        version == MqttProtocolVersion.V500 ? VarInt.Size((uint)encodedLength) + encodedLength : 0;

    /// <summary>Writes the length and the encoded properties; nothing for a version without properties.</summary>
    public static void Write(ref PacketWriter writer, MqttProtocolVersion version, ReadOnlySpan<byte> encoded)
    {
        if (version != MqttProtocolVersion.V500) return;
        writer.VarByte((uint)encoded.Length);
        writer.Raw(encoded);
    }

    public static void Four(IBufferWriter<byte> output, MqttPropertyId id, uint? value)
    {
        if (value is not { } number) return;
        var span = output.GetSpan(5);
        span[0] = (byte)id;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(span[1..], number);
        output.Advance(5);
    }

    private static void Flag(ArrayBufferWriter<byte> output, MqttPropertyId id, bool? value)
    {
        if (value is { } flag) output.Write([(byte)id, flag ? (byte)1 : (byte)0]);
    }

    public static void Two(ArrayBufferWriter<byte> output, MqttPropertyId id, ushort? value)
    {
        if (value is { } number) output.Write([(byte)id, (byte)(number >> 8), (byte)number]);
    }

    public static void Variable(IBufferWriter<byte> output, MqttPropertyId id, uint value)
    {
        var span = output.GetSpan(5);
        span[0] = (byte)id;
        output.Advance(1 + VarInt.Write(span[1..], value));
    }

    private static void Text(ArrayBufferWriter<byte> output, MqttPropertyId id, string? value)
    {
        if (value is null) return;
        output.Write([(byte)id]);
        String(output, value);
    }

    private static void Binary(ArrayBufferWriter<byte> output, MqttPropertyId id, byte[]? value)
    {
        if (value is null) return;
        output.Write([(byte)id, (byte)(checked((ushort)value.Length) >> 8), (byte)value.Length]);
        output.Write(value);
    }

    private static void Pair(ArrayBufferWriter<byte> output, string name, string value)
    {
        output.Write([(byte)MqttPropertyId.UserProperty]);
        String(output, name);
        String(output, value);
    }

    private static void String(ArrayBufferWriter<byte> output, string value)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(value);
        output.Write([(byte)(checked((ushort)bytes.Length) >> 8), (byte)bytes.Length]);
        output.Write(bytes);
    }
}
