namespace SmartCity.Mqtt;

/// <summary>Which property has which type and may stand where (MQTT 5.0 table 2-4).</summary>
internal static class PropertyTable
{
    private static readonly (PropertyType Type, PropertyScopes Scopes)[] s_table = Build();

    /// <summary>Type and places of a property; <see cref="PropertyScopes.None"/> for an identifier that does not exist.</summary>
    public static (PropertyType Type, PropertyScopes Scopes) Find(byte id) => id < s_table.Length ? s_table[id] : default;

    private static (PropertyType, PropertyScopes)[] Build()
    {
        var table = new (PropertyType, PropertyScopes)[43];
        void Add(MqttPropertyId id, PropertyType type, PropertyScopes scopes) => table[(int)id] = (type, scopes);
        Add(MqttPropertyId.PayloadFormatIndicator, PropertyType.Boolean, PropertyScopes.Message);
        Add(MqttPropertyId.MessageExpiryInterval, PropertyType.UInt32, PropertyScopes.Message);
        Add(MqttPropertyId.ContentType, PropertyType.Utf8, PropertyScopes.Message);
        Add(MqttPropertyId.ResponseTopic, PropertyType.Utf8, PropertyScopes.Message);
        Add(MqttPropertyId.CorrelationData, PropertyType.Binary, PropertyScopes.Message);
        Add(MqttPropertyId.SubscriptionIdentifier, PropertyType.VarInt, PropertyScopes.Publish | PropertyScopes.Subscribe);
        Add(MqttPropertyId.SessionExpiryInterval, PropertyType.UInt32, PropertyScopes.Connect | PropertyScopes.ConnAck | PropertyScopes.Disconnect);
        Add(MqttPropertyId.AssignedClientIdentifier, PropertyType.Utf8, PropertyScopes.ConnAck);
        Add(MqttPropertyId.ServerKeepAlive, PropertyType.UInt16, PropertyScopes.ConnAck);
        Add(MqttPropertyId.AuthenticationMethod, PropertyType.Utf8, PropertyScopes.Connect | PropertyScopes.ConnAck | PropertyScopes.Auth);
        Add(MqttPropertyId.AuthenticationData, PropertyType.Binary, PropertyScopes.Connect | PropertyScopes.ConnAck | PropertyScopes.Auth);
        Add(MqttPropertyId.RequestProblemInformation, PropertyType.Boolean, PropertyScopes.Connect);
        Add(MqttPropertyId.WillDelayInterval, PropertyType.UInt32, PropertyScopes.Will);
        Add(MqttPropertyId.RequestResponseInformation, PropertyType.Boolean, PropertyScopes.Connect);
        Add(MqttPropertyId.ResponseInformation, PropertyType.Utf8, PropertyScopes.ConnAck);
        Add(MqttPropertyId.ServerReference, PropertyType.Utf8, PropertyScopes.ConnAck | PropertyScopes.Disconnect);
        Add(MqttPropertyId.ReasonString, PropertyType.Utf8, PropertyScopes.ConnAck | PropertyScopes.Acks | PropertyScopes.Disconnect | PropertyScopes.Auth);
        Add(MqttPropertyId.ReceiveMaximum, PropertyType.UInt16, PropertyScopes.Connect | PropertyScopes.ConnAck);
        Add(MqttPropertyId.TopicAliasMaximum, PropertyType.UInt16, PropertyScopes.Connect | PropertyScopes.ConnAck);
        Add(MqttPropertyId.TopicAlias, PropertyType.UInt16, PropertyScopes.Publish);
        Add(MqttPropertyId.MaximumQoS, PropertyType.Boolean, PropertyScopes.ConnAck);
        Add(MqttPropertyId.RetainAvailable, PropertyType.Boolean, PropertyScopes.ConnAck);
        Add(MqttPropertyId.UserProperty, PropertyType.Pair, PropertyScopes.Any);
        Add(MqttPropertyId.MaximumPacketSize, PropertyType.UInt32, PropertyScopes.Connect | PropertyScopes.ConnAck);
        Add(MqttPropertyId.WildcardSubscriptionAvailable, PropertyType.Boolean, PropertyScopes.ConnAck);
        Add(MqttPropertyId.SubscriptionIdentifierAvailable, PropertyType.Boolean, PropertyScopes.ConnAck);
        Add(MqttPropertyId.SharedSubscriptionAvailable, PropertyType.Boolean, PropertyScopes.ConnAck);
        return table;
    }
}
