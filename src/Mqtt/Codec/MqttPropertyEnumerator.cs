using System.Text;

namespace SmartCity.Mqtt;

/// <summary>
/// Walks a raw property section and validates as it goes: known identifiers, allowed in this packet, once each except
/// user properties and the subscription identifiers of a PUBLISH, values in range. Allocates nothing unless something is wrong.
/// </summary>
public ref struct MqttPropertyEnumerator
{
    private readonly PropertyScopes _scope;
    private PacketReader _reader;
    private ulong _seen;

    internal MqttPropertyEnumerator(ReadOnlySpan<byte> section, PropertyScopes scope)
    {
        _reader = new(section);
        _scope = scope;
    }

    /// <summary>The property that <see cref="MoveNext"/> stopped at.</summary>
    public MqttPropertyId Id { get; private set; }

    /// <summary>Value of a numeric property; 0 or 1 for a byte property.</summary>
    public uint Number { get; private set; }

    /// <summary>Value of a string or binary property, name of a user property; UTF-8.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Value of a user property; UTF-8.</summary>
    public ReadOnlySpan<byte> UserValue { get; private set; }

    /// <summary>What ended the walk early, or null.</summary>
    public readonly MqttViolation? Violation => _reader.Violation;

    /// <summary>Goes to the next property; false at the end or on a violation.</summary>
    public bool MoveNext()
    {
        if (_reader.IsEmpty) return false;

        // Identifiers are variable byte integers by the letter (§2.2.2.2), but all that exist fit one byte, and longer forms are not the shortest.
        var raw = _reader.ReadByte("property identifier");
        var (type, scopes) = PropertyTable.Find(raw);
        Id = (MqttPropertyId)raw;
        if (scopes == PropertyScopes.None)
        {
            _reader.Fail(MqttViolation.Malformed($"Property 0x{raw:X2} does not exist.", "MQTT 5.0 §2.2.2.2"));
            return false;
        }

        if ((scopes & _scope) == 0)
        {
            _reader.Fail(MqttViolation.Protocol($"Property {Id} is not allowed in {_scope}.", "MQTT 5.0 §2.2.2.2"));
            return false;
        }

        ReadValue(type);
        if (_reader.Violation is not null) return false;
        if (!MayRepeat && (_seen & (1UL << raw)) != 0)
        {
            _reader.Fail(MqttViolation.Protocol($"Property {Id} appears more than once in {_scope}.", "MQTT 5.0 §2.2.2.2"));
            return false;
        }

        _seen |= 1UL << raw;
        CheckRange();
        return _reader.Violation is null;
    }

    /// <summary>True when the property has been passed already.</summary>
    internal readonly bool Saw(MqttPropertyId id) => (_seen & (1UL << (int)id)) != 0;

    private readonly bool MayRepeat =>
        Id == MqttPropertyId.UserProperty || (Id == MqttPropertyId.SubscriptionIdentifier && _scope == PropertyScopes.Publish);

    private void ReadValue(PropertyType type)
    {
        Number = 0;
        switch (type)
        {
            case PropertyType.Boolean:
                Number = _reader.ReadByte("property value");
                if (Number > 1) _reader.Fail(MqttViolation.Protocol($"Property {Id} is {Number}; only 0 and 1 are allowed.", "MQTT 5.0 §2.2.2.2"));
                break;
            case PropertyType.UInt16:
                Number = _reader.ReadUInt16("property value");
                break;
            case PropertyType.UInt32:
                Number = _reader.ReadUInt32("property value");
                break;
            case PropertyType.VarInt:
                Number = _reader.ReadVarInt("property value");
                break;
            case PropertyType.Utf8:
                Bytes = _reader.ReadUtf8("property value");
                break;
            case PropertyType.Binary:
                Bytes = _reader.ReadBinary("property value");
                break;
            default:
                Bytes = _reader.ReadUtf8("user property name");
                UserValue = _reader.ReadUtf8("user property value");
                break;
        }
    }

    private void CheckRange()
    {
        switch (Id)
        {
            case MqttPropertyId.ReceiveMaximum or MqttPropertyId.MaximumPacketSize or MqttPropertyId.SubscriptionIdentifier when Number == 0:
                _reader.Fail(MqttViolation.Protocol($"Property {Id} is 0.", "MQTT 5.0 §3.1.2.11, §3.8.2.1.2"));
                break;
            case MqttPropertyId.TopicAlias when Number == 0:
                _reader.Fail(new(MqttReasonCode.TopicAliasInvalid, "The topic alias is 0.", "MQTT-3.3.2-8"));
                break;
            case MqttPropertyId.ResponseTopic when Bytes.IsEmpty || Bytes.ContainsAny((byte)'+', (byte)'#'):
                _reader.Fail(MqttViolation.Protocol("The response topic is not a topic name.", "MQTT-3.3.2-14"));
                break;
        }
    }

    internal readonly string Text => Encoding.UTF8.GetString(Bytes);
}
