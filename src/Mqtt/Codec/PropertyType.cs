namespace SmartCity.Mqtt;

/// <summary>The wire type of a property's value (MQTT 5.0 §2.2.2.2). Every property of type byte allows 0 and 1 only, hence Boolean.</summary>
internal enum PropertyType : byte
{
    Boolean,
    UInt16,
    UInt32,
    VarInt,
    Utf8,
    Binary,
    Pair,
}
