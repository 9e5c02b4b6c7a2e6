namespace SmartCity.Mqtt;

/// <summary>Quality of service of a PUBLISH or of a subscription (§4.3).</summary>
public enum MqttQoS : byte
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
    ExactlyOnce = 2,
}
