namespace SmartCity.Mqtt;

/// <summary>
/// The v5 properties of any packet but an inbound PUBLISH, which keeps them raw. Null means absent.
/// Which of them may be set depends on the packet (MQTT 5.0 table 2-4); writing ignores nothing, parsing refuses what is out of place.
/// </summary>
public sealed class MqttProperties
{
    /// <summary>True when the payload is declared to be UTF-8 text.</summary>
    public bool? PayloadFormatIndicator { get; set; }

    /// <summary>Seconds.</summary>
    public uint? MessageExpiryInterval { get; set; }

    public string? ContentType { get; set; }

    public string? ResponseTopic { get; set; }

    public byte[]? CorrelationData { get; set; }

    /// <summary>One in SUBSCRIBE, any number in a PUBLISH from the server.</summary>
    public List<uint>? SubscriptionIdentifiers { get; set; }

    /// <summary>Seconds; 0xFFFFFFFF = never.</summary>
    public uint? SessionExpiryInterval { get; set; }

    public string? AssignedClientIdentifier { get; set; }

    /// <summary>Seconds.</summary>
    public ushort? ServerKeepAlive { get; set; }

    public string? AuthenticationMethod { get; set; }

    public byte[]? AuthenticationData { get; set; }

    public bool? RequestProblemInformation { get; set; }

    /// <summary>Seconds.</summary>
    public uint? WillDelayInterval { get; set; }

    public bool? RequestResponseInformation { get; set; }

    public string? ResponseInformation { get; set; }

    public string? ServerReference { get; set; }

    public string? ReasonString { get; set; }

    public ushort? ReceiveMaximum { get; set; }

    public ushort? TopicAliasMaximum { get; set; }

    public ushort? TopicAlias { get; set; }

    /// <summary>False: QoS 0 only; true: QoS 1 at most; absent: QoS 2.</summary>
    public bool? MaximumQoS { get; set; }

    public bool? RetainAvailable { get; set; }

    /// <summary>Bytes.</summary>
    public uint? MaximumPacketSize { get; set; }

    public bool? WildcardSubscriptionAvailable { get; set; }

    public bool? SubscriptionIdentifierAvailable { get; set; }

    public bool? SharedSubscriptionAvailable { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    internal static MqttProperties? Read(ref PacketReader reader, PropertyScopes scope)
    {
        var section = reader.ReadPropertySection();
        if (section.IsEmpty) return null;
        var walk = new MqttPropertyEnumerator(section, scope);
        var properties = new MqttProperties();
        while (walk.MoveNext()) properties.Set(ref walk);
        if (walk.Violation is { } violation) reader.Fail(violation);
        if (properties.AuthenticationData is not null && properties.AuthenticationMethod is null)
        {
            reader.Fail(MqttViolation.Protocol("Authentication data without an authentication method.", "MQTT 5.0 §3.1.2.11.10"));
        }

        return properties;
    }

    /// <summary>Takes apart a section that was validated before.</summary>
    internal static MqttProperties FromValidated(ReadOnlySpan<byte> section, PropertyScopes scope)
    {
        var walk = new MqttPropertyEnumerator(section, scope);
        var properties = new MqttProperties();
        while (walk.MoveNext()) properties.Set(ref walk);
        return properties;
    }

    private void Set(ref MqttPropertyEnumerator walk)
    {
        var flag = walk.Number == 1;
        switch (walk.Id)
        {
            case MqttPropertyId.PayloadFormatIndicator: PayloadFormatIndicator = flag; break;
            case MqttPropertyId.MessageExpiryInterval: MessageExpiryInterval = walk.Number; break;
            case MqttPropertyId.ContentType: ContentType = walk.Text; break;
            case MqttPropertyId.ResponseTopic: ResponseTopic = walk.Text; break;
            case MqttPropertyId.CorrelationData: CorrelationData = walk.Bytes.ToArray(); break;
            case MqttPropertyId.SubscriptionIdentifier: (SubscriptionIdentifiers ??= []).Add(walk.Number); break;
            case MqttPropertyId.SessionExpiryInterval: SessionExpiryInterval = walk.Number; break;
            case MqttPropertyId.AssignedClientIdentifier: AssignedClientIdentifier = walk.Text; break;
            case MqttPropertyId.ServerKeepAlive: ServerKeepAlive = (ushort)walk.Number; break;
            case MqttPropertyId.AuthenticationMethod: AuthenticationMethod = walk.Text; break;
            case MqttPropertyId.AuthenticationData: AuthenticationData = walk.Bytes.ToArray(); break;
            case MqttPropertyId.RequestProblemInformation: RequestProblemInformation = flag; break;
            case MqttPropertyId.WillDelayInterval: WillDelayInterval = walk.Number; break;
            case MqttPropertyId.RequestResponseInformation: RequestResponseInformation = flag; break;
            case MqttPropertyId.ResponseInformation: ResponseInformation = walk.Text; break;
            case MqttPropertyId.ServerReference: ServerReference = walk.Text; break;
            case MqttPropertyId.ReasonString: ReasonString = walk.Text; break;
            case MqttPropertyId.ReceiveMaximum: ReceiveMaximum = (ushort)walk.Number; break;
            case MqttPropertyId.TopicAliasMaximum: TopicAliasMaximum = (ushort)walk.Number; break;
            case MqttPropertyId.TopicAlias: TopicAlias = (ushort)walk.Number; break;
            case MqttPropertyId.MaximumQoS: MaximumQoS = flag; break;
            case MqttPropertyId.RetainAvailable: RetainAvailable = flag; break;
            case MqttPropertyId.MaximumPacketSize: MaximumPacketSize = walk.Number; break;
            case MqttPropertyId.WildcardSubscriptionAvailable: WildcardSubscriptionAvailable = flag; break;
            case MqttPropertyId.SubscriptionIdentifierAvailable: SubscriptionIdentifierAvailable = flag; break;
            case MqttPropertyId.SharedSubscriptionAvailable: SharedSubscriptionAvailable = flag; break;
            case MqttPropertyId.UserProperty: (UserProperties ??= []).Add(new(walk.Text, System.Text.Encoding.UTF8.GetString(walk.UserValue))); break;
        }
    }
}
